# Why something is denied can be asked, by the API and by a command beside the server
proves: A2, A1

workspace "Rocket Agency" owned by owner@example.com with the demo

api GET /v1/clients?givenName=Jane
=> 200
  data.0.id as jane

write scripts/house_rules.lua
local foyer = require("foyer")

foyer.rule("client.delete", { describe = "keys never delete" }, function(ctx)
  if ctx.actor:is("apiKey") then
    return foyer.deny("by_hand_only", "Clients are deleted by people.")
  end
end)
end of file
api POST /v1/plugins/reload
=> 200
  changed = true

api DELETE /v1/clients/{jane}
=> 403
  code = "by_hand_only"
  message = "Clients are deleted by people."
  rule = "house_rules.lua:5"

api POST /v1/policies/explain
  {"action": "client.delete", "targetId": "{jane}"}
=> 200
  verdict = "deny"
  code = "by_hand_only"
  rule = "house_rules.lua:5"
  asked has 2 entries
  asked.0.describe = "keys never delete"
  scope.kind = "everything"

api POST /v1/policies/explain
  {"as": "owner@example.com", "action": "client.delete", "targetId": "{jane}"}
=> 200
  verdict = "allow"
  reason = "delete_clients"
  otherwise.0.if = "actor:can(delete_clients) = false"
  otherwise.0.verdict = "deny"

# one thing otherwise: what she asks for, what the workspace allows, what she is
api POST /v1/policies/explain
  {"as": "jane@example.com", "action": "client.update", "targetId": "{jane}", "input": {"position": "Boss", "tags": ["vip"]}}
=> 200
  verdict = "deny"
  otherwise.0.if = "actor:can(edit_clients) = true"
  otherwise.0.verdict = "allow"
  otherwise.1.if = "without input.tags"
  otherwise.1.verdict = "allow"
  otherwise has 2 entries
foyer explain --data DATA --as jane@example.com --action client.update --target {jane} --input {"tags":["vip"]}
=> 0
  stdout ~ without input.tags: then allow

api POST /v1/policies/explain
  {"as": "jane@example.com", "action": "client.read", "targetId": "{jane}"}
=> 200
  verdict = "allow"
  scope.terms.0.kind = "own"

api POST /v1/policies/explain
  {"as": "nobody@example.com", "action": "client.read"}
=> 404
  code = "no_such_person"

api POST /v1/policies/explain
  {"as": "jane@example.com", "action": "client.read"}
=> 400
  code = "target_required"

api POST /v1/policies/explain
  {"action": "client.fly"}
=> 400
  code = "unknown_action"
api POST /v1/policies/explain
  {"action": "client.lst"}
=> 400
  message ~ Did you mean client.list?

foyer explain --data DATA --as owner@example.com --action client.delete --target {jane}
=> 0

remove scripts/house_rules.lua
api POST /v1/plugins/reload
=> 200
api DELETE /v1/clients/{jane}
=> 200
  deleted = true

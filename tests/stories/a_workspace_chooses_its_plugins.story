# A workspace switches plugins on and off and changes their settings, in force with the answer
proves: X1, A1

workspace "Rocket Agency" owned by owner@example.com with the demo

api GET /v1/clients?givenName=Jane
=> 200
  data.0.id as jane

write scripts/house_rules.lua
-- Rules of the house.
local foyer = require("foyer")

foyer.settings {
  by_hand = { type = "boolean", default = true, help = "Keys never delete." },
  most_tags = { type = "integer", default = 2, min = 1, max = 5, help = "Most tags of a client." },
  mark = { type = "text", default = "", max = 10, help = "Put before the position of new clients." },
  week = { type = "choice", choices = { "monday", "sunday" }, default = "monday" },
  rate = { type = "number", default = 0.5, min = 0, max = 1 },
}

foyer.rule("client.delete", { describe = "keys never delete" }, function(ctx)
  if ctx.settings.by_hand and ctx.actor:is("apiKey") then
    return foyer.deny("by_hand_only", "Clients are deleted by people.")
  end
end)

foyer.filter("client.create", function(ctx, client)
  if client.tags and #client.tags > ctx.settings.most_tags then
    return foyer.reject("too_many_tags", "At most " .. ctx.settings.most_tags .. " tags.", { field = "tags" })
  end
  if ctx.settings.mark ~= "" then return { position = ctx.settings.mark .. (client.position or "") } end
end)
end of file
api POST /v1/plugins/reload
=> 200
  changed = true

api GET /v1/plugins
=> 200
  data.2.id = "house_rules.lua"
  data.2.enabled = true
  data.2.canBeDisabled = true
  data.2 !~ declarations
  data.4.id = "permissions.lua"
  data.4.canBeDisabled = false

api GET /v1/plugins/house_rules.lua
=> 200
  name = "Rules of the house."
  enabled = true
  settings.most_tags = 2
  settings.mark = ""
  settings.rate = 0.5
  declarations.most_tags.type = "integer"
  declarations.most_tags.min = 1
  declarations.most_tags.max = 5
  declarations.most_tags.help = "Most tags of a client."
  declarations.week.choices has 2 entries
  hooks.rule.0 = "client.delete"
  hooks.filter.0 = "client.create"
  settingVersion = 0
  updatedAt = null
  header ETag as etag

# a setting is in force with the answer: for the next request, wherever it is answered
api POST /v1/clients
  {"givenName": "One", "familyName": "Two", "email": "one@example.com", "tags": ["a", "b", "c"]}
=> 422
  errors.0.code = "too_many_tags"
  errors.0.message = "At most 2 tags."
api PATCH /v1/plugins/house_rules.lua
  {"settings": {"most_tags": 3, "mark": "Dr. "}}
  with If-Match: {etag}
=> 200
  settings.most_tags = 3
  settings.mark = "Dr. "
  settings.by_hand = true
  settingVersion = 1
api POST /v1/clients
  {"givenName": "One", "familyName": "Two", "email": "one@example.com", "tags": ["a", "b", "c"]}
=> 200
  position = "Dr."
api PATCH /v1/plugins/house_rules.lua
  {"settings": {"most_tags": 4}}
  with If-Match: {etag}
=> 412

# what does not fit is named, with what would
api PATCH /v1/plugins/house_rules.lua
  {"settings": {"most_tags": 6, "by_hand": "yes", "mark": "twelve chars", "week": "friday", "rate": 2, "most_tag": 1}}
=> 400
  errors has 6 entries
  errors.0.field = "settings.most_tags"
  errors.0.code = "unfit_setting"
  errors.0.message = "Must be a whole number from 1 to 5."
  errors.1.message = "Must be true or false."
  errors.2.message = "Must be a text of at most 10 characters."
  errors.3.message = "Must be one of \"monday\", \"sunday\"."
  errors.4.message = "Must be a number from 0 to 1."
  errors.5.code = "unknown_setting"
  errors.5.message ~ did you mean "most_tags"?
api PATCH /v1/plugins/house_rules.lua
  {"settings": {"most_tags": 2.5}}
=> 400
api PATCH /v1/plugins/account_emails.lua
  {"settings": {"x": 1}}
=> 400
  errors.0.message = "account_emails.lua has no settings."
api PATCH /v1/plugins/house_rules
  {"enabled": false}
=> 404

# null is the default again
api PATCH /v1/plugins/house_rules.lua
  {"settings": {"mark": null}}
=> 200
  settings.mark = ""
  settings.most_tags = 3
  settingVersion = 2
api PATCH /v1/plugins/house_rules.lua
  {"settings": {"mark": null}}
=> 200
  settingVersion = 2

# switched off, none of its functions is asked; an explanation says so
api DELETE /v1/clients/{jane}
=> 403
  code = "by_hand_only"
api PATCH /v1/plugins/house_rules.lua
  {"enabled": false}
=> 200
  enabled = false
  settings.most_tags = 3
api GET /v1/plugins
=> 200
  data.2.enabled = false
api POST /v1/policies/explain
  {"action": "client.delete", "targetId": "{jane}"}
=> 200
  verdict = "allow"
  asked.0.rule = "house_rules.lua:12"
  asked.0.verdict = "disabled"
foyer explain --data DATA --as owner@example.com --action client.delete --target {jane}
=> 0
  stdout ~ not asked  house_rules.lua:12: it is switched off in this workspace
api DELETE /v1/clients/{jane}
=> 200
api POST /v1/clients
  {"givenName": "Two", "familyName": "Two", "email": "two@example.com", "tags": ["a", "b", "c", "d", "e", "f"]}
=> 200

# what decides who may do what stays
api PATCH /v1/plugins/permissions.lua
  {"enabled": false}
=> 422
  errors.0.code = "always_on"
  errors.0.message = "permissions.lua cannot be switched off: it decides who may do what."
api PATCH /v1/plugins/staff_permissions.lua
  {"enabled": false}
=> 422
api PATCH /v1/plugins/portal
  {"enabled": false}
=> 422
  errors.0.message = "portal cannot be switched off: it says that it is always on."

# each choice is a version, with who and when; the one before comes back
api GET /v1/plugins/house_rules.lua/versions
=> 200
  data has 3 entries
  data.0.version = 3
  data.0.enabled = false
  data.0.actorType = "apiKey"
  data.2.settings.most_tags = 3
  data.2.settings.mark = "Dr. "
api POST /v1/plugins/house_rules.lua/rollback
=> 200
  enabled = true
  settingVersion = 4
api POST /v1/plugins/house_rules.lua/rollback
=> 200
  settings.mark = "Dr. "
api POST /v1/plugins/house_rules.lua/rollback
=> 200
  settings.mark = ""
  settings.most_tags = 2
api POST /v1/plugins/house_rules.lua/rollback
=> 409
  code = "nothing_before"
api POST /v1/plugins/house_rules.lua/rollback
  {"version": 3}
=> 200
  enabled = false
  settings.most_tags = 3
api POST /v1/plugins/house_rules.lua/rollback
  {"version": 99}
=> 404
api GET /v1/audit?limit=1
=> 200
  data.0.action = "plugin.update"
  data.0.detail.before.enabled = true
  data.0.detail.after.enabled = false

# the shipped ones have settings, too; what has become unfit is left out, and not lost
api PATCH /v1/plugins/channel_policy.lua
  {"settings": {"max_group": 2}}
=> 200
  settings.max_group = 2
restart
api GET /v1/plugins/channel_policy.lua
=> 200
  settings.max_group = 2
write scripts/house_rules.lua
local foyer = require("foyer")
foyer.settings { most_tags = { type = "integer", default = 1, min = 1, max = 2 } }
foyer.rule("client.list", function() end)
end of file
api POST /v1/plugins/reload
=> 200
api GET /v1/plugins/house_rules.lua
=> 200
  enabled = false
  settings.most_tags = 1
  settings !~ mark

# another workspace chooses for itself
foyer workspace create --data DATA --workspace "Bike Shop" --email bikes@example.com --json
=> 0
  apiKey as bikes
nobody GET /v1/plugins/house_rules.lua
  with X-API-Key: {bikes}
=> 200
  enabled = true
  settingVersion = 0
nobody GET /v1/plugins/house_rules.lua/versions
  with X-API-Key: {bikes}
=> 200
  data has 0 entries
nobody GET /v1/plugins/house_rules.lua
=> 401

# A script answers at addresses of its own, for those whom a rule lets in, with their rights
proves: X5, A1

workspace "Rocket Agency" owned by owner@example.com with the password "correct horse battery" with the demo

api GET /v1/clients?givenName=Jane
=> 200
  data.0.id as jane

write scripts/crm.lua
-- Keeps the shop and Foyer in step.
local foyer = require("foyer")

foyer.settings { secret = { type = "text", default = "s3cret", help = "What the shop signs with." } }

foyer.rule("crm.greet", function(ctx)
  if ctx.actor:can("view_clients") then return foyer.allow("view_clients") end
end)

foyer.route("POST", "/clients/{id}/greetings", {
  may = "crm.greet", describe = "greets a client",
  query = { properties = { loud = { type = "boolean" } } },
  body = { properties = { words = { type = "string", minLength = 3 }, times = { type = "integer", maximum = 3 } },
           required = { "words" } },
}, function(ctx, request)
  local answer = foyer.api("GET", "/v1/clients/" .. request.params.id)
  if answer.status ~= 200 then return foyer.reply(answer.status, answer.body) end
  local text = request.body.words .. ", " .. answer.body.givenName
  if request.query.loud then text = text:upper() end
  return foyer.reply(201, { text = text, by = ctx.actor.kind }, { location = "/p/crm/greetings" })
end)

foyer.route("POST", "/hooks/shop", { open = "the shop signs what it sends" }, function(ctx, request)
  local signed = foyer.crypto.hmac(ctx.settings.secret, request.text)
  if not foyer.crypto.equal(signed, request.headers["x-signature"] or "") then
    return foyer.reply(403, { code = "bad_signature" })
  end
  local made = foyer.api("POST", "/v1/companies", { body = { name = request.body.company } })
  return foyer.reply(made.status, { name = made.body.name })
end)

foyer.route("GET", "/trouble", { may = "dashboard.open" }, function() error("no shop today") end)
end of file
api POST /v1/plugins/reload
=> 200

api POST /p/crm/clients/{jane}/greetings?loud=true
  {"words": "Good day"}
=> 201
  text = "GOOD DAY, JANE"
  by = "apiKey"

# all that is wrong is named at once, and nobody is asked before he is known
api POST /p/crm/clients/{jane}/greetings?laud=1
  {"words": "x", "times": 9, "more": 1}
=> 400
  errors has 4 entries
nobody POST /p/crm/clients/{jane}/greetings
  {"words": "Good day"}
=> 401
api GET /p/crm/clients/{jane}/greetings
=> 405
  header Allow as allow
api GET /p/crm/nowhere
=> 404

# a key without the permission, and the rule says no
api POST /v1/api-keys
  {"name": "small", "scopes": ["view_settings"]}
=> 200
  key as small
nobody POST /p/crm/clients/{jane}/greetings
  with X-API-Key: {small}
  {"words": "Good day"}
=> 403
  code = "denied"

# why is told, and who may
foyer explain --data DATA --as owner@example.com --action crm.greet --json
=> 0
  verdict = "allow"
foyer who-can crm.greet --data DATA
=> 0

# what a shop sends is signed, and the script acts as itself
nobody POST /p/crm/hooks/shop
  with X-Signature: 6c1ac1c0
  {"company": "Moon Ltd"}
=> 403
  code = "bad_signature"
nobody POST /p/crm/hooks/shop
  with X-Signature: 6b8f6ac209680c2f6f93b71df93897d082fb8f66b59b891fa935510b1412eee5
  {"company": "Moon Ltd"}
=> 200
  name = "Moon Ltd"

api GET /openapi.json
=> 200
  paths./p/crm/hooks/shop.post.x-foyer-open = "the shop signs what it sends"
  paths./p/crm/trouble.get.x-foyer-action = "dashboard.open"

# what fails is a line in the log and among the decisions
api GET /p/crm/trouble
=> 500
  code = "plugin_failed"
  reason = "no shop today"
  rule = "crm.lua:32"

# where a workspace has switched it off, nothing is there
api PATCH /v1/plugins/crm.lua
  {"enabled": false}
=> 200
api POST /p/crm/clients/{jane}/greetings
  {"words": "Good day"}
=> 404
  code = "not_found"

# Operators change scripts by the API: checked first, in force with the answer
proves: A2

workspace "Rocket Agency" owned by owner@example.com

api GET /v1/scripts/permissions.lua
=> 200
  origin = "shipped"
  inForce = true

api POST /v1/scripts/house_rules.lua/check
  {"source": "local foyer = require(\"foyer\")\nfoyer.rule(\"client.lst\", function() end)\n"}
=> 200
  ok = false
  report = "house_rules.lua:2: there is no action \"client.lst\": did you mean \"client.list\"?"

api PUT /v1/scripts/house_rules.lua
  {"source": "local foyer = require(\"foyer\")\nfoyer.rule(\"client.lst\", function() end)\n"}
=> 422
  code = "script_refused"
  errors.0.message ~ house_rules.lua:2: there is no action

api PUT /v1/scripts/..%2Fescape.lua
  {"source": "-- no"}
=> 422

api PUT /v1/scripts/house_rules.lua
  {"source": "local foyer = require(\"foyer\")\nfoyer.rule(\"client.list\", function() return foyer.deny(\"closed\", \"Closed.\") end)\n"}
=> 200
  origin = "added"
  inForce = true

api GET /v1/clients
=> 403
  code = "closed"

api GET /v1/scripts
=> 200
  data.0.name = "account_emails.lua"
  data.1.name = "channel_policy.lua"
  data.2.name = "house_rules.lua"

restart
api GET /v1/clients
=> 403

api PUT /v1/scripts/house_rules.lua
  {"source": "-- Nothing any more.\n"}
=> 200
  description = "Nothing any more."
api GET /v1/clients
=> 200

nobody GET /v1/scripts
=> 401

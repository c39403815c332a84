# A changed script that keeps failing is left by the server itself, and what was before is in force again
proves: A12, A2

workspace "Rocket Agency" owned by owner@example.com served with --loops 1

api PUT /v1/scripts/house_rules.lua
  {"source": "local foyer = require(\"foyer\")\nfoyer.rule(\"client.list\", function() return foyer.allow(\"good\") end)\n"}
=> 200
  quarantined = null
api GET /v1/clients
=> 200

# some failures are none: the script stays until it fails again and again
api PUT /v1/scripts/house_rules.lua
  {"source": "local foyer = require(\"foyer\")\nfoyer.rule(\"client.list\", function(ctx)\n  return foyer.allow(ctx.nothing.at_all)\nend)\n"}
=> 200
api GET /v1/clients
=> 503
  code = "rule_error"
api GET /v1/clients
=> 503
wait 1 seconds
api GET /v1/clients
=> 503
api GET /v1/clients
=> 503
api GET /v1/clients
=> 503
api GET /v1/clients until "data"
=> 200

api GET /v1/scripts/house_rules.lua/versions until quarantined
=> 200
  data has 3 entries
  data.0.state = "live"
  data.0.actorType = "system"
  data.0.backTo = 1
  data.1.state = "quarantined"
  data.1.report ~ rule client.list failed
  data.1.report ~ house_rules.lua:3
  data.2.state = "replaced"
api GET /v1/scripts/house_rules.lua
=> 200
  inForce = true
  source ~ foyer.allow("good")
  quarantined ~ house_rules.lua:3

# it is not loaded by a reload or a restart, and its text is beside the other
restart
api POST /v1/plugins/reload
=> 200
api GET /v1/clients
=> 200
api GET /v1/scripts/house_rules.lua/versions/2
=> 200
  source ~ ctx.nothing.at_all

# mended, it is in force, and nothing is told of it any more
api PUT /v1/scripts/house_rules.lua
  {"source": "local foyer = require(\"foyer\")\nfoyer.rule(\"client.list\", function(ctx)\n  return foyer.deny(\"mended\")\nend)\n"}
=> 200
api GET /v1/clients
=> 403
  code = "mended"
api GET /v1/scripts/house_rules.lua
=> 200
  quarantined = null

# a file that was changed by hand is no other; where none was before, none is
write scripts/by_hand.lua
local foyer = require("foyer")
foyer.scope("client", function(actor) return foyer.ids(actor.nothing) end)
end of file
remove scripts/house_rules.lua
api POST /v1/plugins/reload
=> 200
api GET /v1/clients
=> 503
api GET /v1/clients
=> 503
api GET /v1/clients
=> 503
api GET /v1/clients
=> 503
api GET /v1/clients
=> 503
api GET /v1/clients until "data"
=> 200
api GET /v1/scripts/by_hand.lua
=> 404
api GET /v1/scripts/by_hand.lua/versions until quarantined
=> 200
  data has 1 entry
  data.0.report ~ scope client failed

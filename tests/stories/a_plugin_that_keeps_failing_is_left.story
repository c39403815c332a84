# A plugin whose changed folder keeps failing is left by the server itself: all files of before are back, none is lost
proves: A12, X2

workspace "Rocket Agency" owned by owner@example.com served with --loops 1

write plugins/house/plugin.json
{ "id": "house", "name": "House", "version": "1.0", "api": 1, "provides": { "rule": ["client.list"] } }
end of file
write plugins/house/main.lua
local foyer = require("foyer")
local words = require("lib.words")
foyer.rule("client.list", function() return foyer.allow(words.of()) end)
end of file
write plugins/house/lib/words.lua
return { of = function() return "one" end }
end of file
write plugins/house/assets/note.svg
<svg/>
end of file
api POST /v1/plugins/reload
=> 200
api GET /v1/clients
=> 200
api GET /v1/scripts/house/versions until "live"
=> 200
  data has 1 entry
  data.0.actorType = "system"
  data.0.version as first

# the fault is in a file that the entry requires
write plugins/house/lib/words.lua
return { of = function() return nothing.at.all end }
end of file
write plugins/house/plugin.json
{ "id": "house", "name": "House", "version": "2.0", "api": 1, "provides": { "rule": ["client.list"] } }
end of file
api POST /v1/plugins/reload
=> 200
api GET /v1/plugins/house
=> 200
  version = "2.0"
api GET /v1/clients
=> 503
  code = "rule_error"
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
api GET /v1/plugins/house
=> 200
  version = "1.0"
  inForce = true

api GET /v1/scripts/house/versions until quarantined
=> 200
  data has 3 entries
  data.0.state = "live"
  data.0.actorType = "system"
  data.0.backTo = {first}
  data.1.state = "quarantined"
  data.1.report ~ rule client.list failed
  data.1.report ~ house/lib/words.lua:1
  data.1.version as bad
  data.2.state = "replaced"
api GET /v1/scripts/house/versions/{bad}
=> 200
  source ~ nothing.at.all
foyer plugin list --data DATA
=> 0
  stdout !~ quarantined

# it is not taken again by a reload or a restart; what was no part of it is where it was
restart
api POST /v1/plugins/reload
=> 200
api GET /v1/clients
=> 200
file plugins/house/lib/words.lua has "one"
file plugins/house/assets/note.svg has "<svg/>"
file plugins/house.quarantined/lib/words.lua has "nothing.at.all"
file plugins/house.quarantined/assets/note.svg has "<svg/>"
file plugins/house.quarantined.txt has "house/lib/words.lua:1"

# a first version that fails leaves nothing but its files
write plugins/newcomer/plugin.json
{ "id": "newcomer", "name": "New", "version": "1.0", "api": 1, "provides": { "rule": ["client.list"] } }
end of file
write plugins/newcomer/main.lua
local foyer = require("foyer")
foyer.rule("client.list", function(ctx) return foyer.allow(ctx.nothing.at_all) end)
end of file
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
api GET /v1/plugins/newcomer
=> 404
api GET /v1/scripts/newcomer/versions until quarantined
=> 200
  data has 1 entry
file plugins/newcomer.quarantined/main.lua has "ctx.nothing"

# Each state that a plugin's folder has had is a version with all of its files; each can be put back, also when the folder is gone
proves: A10, X2

workspace "Rocket Agency" owned by owner@example.com

write plugins/house/plugin.json
{ "id": "house", "name": "House", "version": "1.0", "api": 1, "provides": { "rule": ["client.list"] } }
end of file
write plugins/house/main.lua
local foyer = require("foyer")
foyer.rule("client.list", function() return foyer.deny("one") end)
end of file
write plugins/house/tests/main_test.lua
test("is good", function(t) end)
end of file
api POST /v1/plugins/reload
=> 200
api GET /v1/clients
=> 403
  code = "one"
api GET /v1/scripts/house/versions until "live"
=> 200
  data.0.version as one
  data.0.bytes != 0

write plugins/house/main.lua
local foyer = require("foyer")
foyer.rule("client.list", require("lib.two"))
end of file
write plugins/house/lib/two.lua
local foyer = require("foyer")
return function() return foyer.deny("two") end
end of file
api POST /v1/plugins/reload
=> 200
api GET /v1/clients
=> 403
  code = "two"
api GET /v1/scripts/house/versions until "replaced"
=> 200
  data has 2 entries
  data.0.version as two
api GET /v1/scripts/house/versions/{two}
=> 200
  source ~ lib/two.lua

# one back: the file that came later is gone, and the tests are where they were
api POST /v1/plugins/rollback
  {"name": "house"}
=> 200
  name = "house"
  version = {one}
api GET /v1/clients
=> 403
  code = "one"
file plugins/house/main.lua has "one"
no file plugins/house/lib/two.lua
file plugins/house/tests/main_test.lua has "is good"
file plugins/house.left/lib/two.lua has "two"
api GET /v1/audit?action=script.rollback
=> 200
  data has 1 entry

# to a named one by a command, which asks no rule; what is printed is the same
foyer plugin rollback house {two} --data DATA
=> 0
  stdout ~ version {two} of house is in force
api GET /v1/clients
=> 403
  code = "two"
foyer plugin log house --files --data DATA
=> 0
  stdout ~ (back to {two})
  stdout ~ rolled back
foyer script show house {one} --data DATA
=> 0
  stdout ~ foyer.deny("one")
foyer plugin diff house {one} --files --data DATA
=> 0
  stdout ~ -foyer.rule("client.list", function() return foyer.deny("one") end)
  stdout ~ +foyer.rule("client.list", require("lib.two"))

# the folder is deleted while it is in use, and put back; without a server, too
remove plugins/house
api POST /v1/plugins/reload
=> 200
api GET /v1/clients
=> 200
api GET /v1/scripts/house/versions until "replaced"
=> 200
foyer plugin rollback house --data DATA
=> 0
  stdout ~ of house is in force
api GET /v1/clients
=> 403
  code = "two"

# to none at all
foyer plugin rollback house 0 --data DATA
=> 0
  stdout ~ house is as if nobody had changed it
api GET /v1/clients
=> 200
no file plugins/house/plugin.json
api POST /v1/plugins/rollback
  {"name": "nobody"}
=> 404
api POST /v1/plugins/rollback
  {"name": "../house", "version": {one}}
=> 404
api POST /v1/scripts/house/rollback
  {"version": {one}}
=> 200
api GET /v1/clients
=> 403
  code = "one"

# a bundled one that was changed is as it is shipped again
write plugins/portal/plugin.json
{ "id": "portal", "name": "Mine", "version": "9.0", "api": 1, "provides": {}, "always": true }
end of file
write plugins/portal/main.lua
local foyer = require("foyer")
end of file
api POST /v1/plugins/reload
=> 200
api GET /v1/plugins/portal
=> 200
  version = "9.0"
foyer plugin rollback portal 0 --data DATA
=> 0
api GET /v1/plugins/portal
=> 200
  version != "9.0"
foyer plugin rollback portal 0 --data DATA
=> 1
  stderr ~ nothing to go back to

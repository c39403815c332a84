# A test of a script that asks the API is told that there is none, and the server goes on
proves: A9

workspace "Rocket Agency" owned by owner@example.com served with --loops 1

write asks.lua
local foyer = require("foyer")
foyer.filter("client.create", function() foyer.api("GET", "/v1/workspaces") end)
end of file
write asks_test.lua
require("test")("asks", function(t)
  t.filter("client.create", { input = { givenName = "A" },
    actor = { kind = "internalUser", permissions = { "create_clients" } } })
end)
end of file
foyer script check DATA/asks.lua --data DATA --json
=> 1
  check.tests.ran = 1
  check.tests.failed = 1
api GET /v1/clients
=> 200

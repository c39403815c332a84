# What a script tells reaches the handlers of other scripts, with the change that it belongs to, and not without it
proves: A15

workspace "Rocket Agency" owned by owner@example.com served with --loops 1

write scripts/crm.lua
local foyer = require("foyer")
foyer.filter("client.create", function(_, client)
  foyer.events.emit("crm.came", { data = { family = client.familyName } })
  if client.givenName == "Rude" then return foyer.reject("rude", "Not here.") end
end)
end of file
write scripts/greeter.lua
local foyer = require("foyer")
foyer.on("crm.came", function(event)
  foyer.api("POST", "/v1/companies", { body = { name = "The " .. event.data.family .. "s" } })
end)
end of file
write scripts/crm_test.lua
local test = require("test")
test("who comes is told", function(t)
  local answer = t.filter("client.create", { actor = { kind = "internalUser", id = t.id("ann") },
    input = { givenName = "Ann", familyName = "Lee" } })
  t.equal(answer.events, { { name = "crm.came", data = { family = "Lee" } } })
end)
end of file
foyer script test DATA/scripts/crm.lua
=> 0
api POST /v1/plugins/reload
=> 200

api POST /v1/clients
  {"givenName": "Rude", "familyName": "Guy", "email": "rude@example.com"}
=> 422
  code = "rude"
api POST /v1/clients
  {"givenName": "Ann", "familyName": "Lee", "email": "ann@example.com"}
=> 200
api GET /v1/deliveries?plugin=greeter.lua until "done"
=> 200
  data has 1 entry
  data.0.event = "crm.came"
  data.0.entity = "crm"
api GET /v1/companies?q=Lees
=> 200
  data has 1 entry
  data.0.name = "The Lees"

# a script that takes a name of Foyer's own tells nothing in it, and a slip is found
write scripts/client.lua
local foyer = require("foyer")
foyer.on("client.creatde", function() end)
end of file
api POST /v1/plugins/reload
=> 422
  errors.0.message ~ did you mean

# An admin's copy of a rule is in force with the next requests; a broken one is refused
proves: A2

workspace "Rocket Agency" owned by owner@example.com

api POST /v1/clients
  {"givenName": "Ann", "familyName": "Lee", "email": "ann@example.com"}
=> 200

write scripts/house_rules.lua
local foyer = require("foyer")

foyer.filter("client.create", function(ctx, client)
  if client.familyName == "Nobody" then
    return foyer.reject("no_nobody", "Nobody is nobody's client.", { field = "familyName" })
  end
  if not client.position then
    return { position = "New" }
  end
end)
end of file
api POST /v1/plugins/reload
=> 200
api POST /v1/clients
  {"givenName": "Bob", "familyName": "Nobody", "email": "bob@example.com"}
=> 422
  code = "no_nobody"
  errors.0.field = "familyName"
api POST /v1/clients
  {"givenName": "Bob", "familyName": "Body", "email": "bob@example.com"}
=> 200
  position = "New"

write scripts/house_rules.lua
local foyer = require("foyer")
foyer.filter("client.create", function(ctx, client
end of file
api POST /v1/plugins/reload
=> 422
  errors.0.message ~ house_rules.lua:3
api POST /v1/clients
  {"givenName": "Cid", "familyName": "Nobody", "email": "cid@example.com"}
=> 422
  code = "no_nobody"

remove scripts/house_rules.lua
api POST /v1/plugins/reload
=> 200
api POST /v1/clients
  {"givenName": "Cid", "familyName": "Nobody", "email": "cid@example.com"}
=> 200

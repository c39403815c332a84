# What a workspace has switched off gets nothing of what happens there, and handlers have its settings
proves: X1, A15

workspace "Rocket Agency" owned by owner@example.com

write scripts/greeter.lua
local foyer = require("foyer")
foyer.settings { tag = { type = "text", default = "new", max = 20 } }

foyer.on("client.created", function(event, ctx)
  foyer.api("PATCH", "/v1/clients/" .. event.entityId, { body = { tags = { ctx.settings.tag } } })
end)
end of file
api POST /v1/plugins/reload
=> 200

api POST /v1/clients
  {"givenName": "Ann", "familyName": "Lee", "email": "ann@example.com"}
=> 200
  id as ann
api GET /v1/clients/{ann} until "tags":["new"]
=> 200

api PATCH /v1/plugins/greeter.lua
  {"settings": {"tag": "fresh"}}
=> 200
api POST /v1/clients
  {"givenName": "Bea", "familyName": "Lee", "email": "bea@example.com"}
=> 200
  id as bea
api GET /v1/clients/{bea} until "tags":["fresh"]
=> 200

api PATCH /v1/plugins/greeter.lua
  {"enabled": false}
=> 200
api POST /v1/clients
  {"givenName": "Cai", "familyName": "Lee", "email": "cai@example.com"}
=> 200
  id as cai
clock + 5 minutes
api PATCH /v1/plugins/greeter.lua
  {"enabled": true}
=> 200
api POST /v1/clients
  {"givenName": "Dee", "familyName": "Lee", "email": "dee@example.com"}
=> 200
  id as dee
api GET /v1/clients/{dee} until "tags":["fresh"]
=> 200
api GET /v1/clients/{cai}
=> 200
  tags has 0 entries
api GET /v1/deliveries
=> 200
  data has 3 entries

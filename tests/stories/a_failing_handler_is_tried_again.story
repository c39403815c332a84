# A handler that fails is tried again for a day and a half, becomes a dead letter, and is replayed when it is mended
proves: A16

workspace "Rocket Agency" owned by owner@example.com served with --loops 1 --script-trial-seconds 0

write scripts/greet.lua
local foyer = require("foyer")
foyer.on("client.created", { name = "greet" }, function(event, ctx)
  foyer.api("PATCH", "/v1/clients/" .. event.entityId, { body = { position = "try " .. ctx.attempt } })
  error("no greeting is ready")
end)
foyer.on("client.updated", { name = "circle" }, function(event)
  foyer.api("PATCH", "/v1/clients/" .. event.entityId, { body = { familyName = event.data.familyName .. "x" } })
end)
end of file
api POST /v1/plugins/reload
=> 200

api POST /v1/clients
  {"givenName": "Ann", "familyName": "Lee", "email": "ann@example.com"}
=> 200
  id as ann
api GET /v1/deliveries?handler=greet until "failed"
=> 200
  data.0.attempts = 1
  data.0.error = "no greeting is ready"
  data.0.errorAt = "greet.lua:4"
  data.0.id as letter

# handlers that cause each other's events end with a word, and not in a circle for ever
api GET /v1/deliveries?handler=circle&status=dead until ninth
=> 200
  data has 1 entry
  data.0.error ~ in a circle
api GET /v1/clients/{ann}
=> 200
  familyName = "Leexxxxxxxx"

# 1 m, 5 m, 30 m, 2 h, 6 h, 12 h and 12 h later
clock + 2 minutes
api GET /v1/deliveries/{letter} until "attempts":2
=> 200
  status = "failed"
clock + 6 minutes
api GET /v1/deliveries/{letter} until "attempts":3
=> 200
clock + 31 minutes
api GET /v1/deliveries/{letter} until "attempts":4
=> 200
clock + 121 minutes
api GET /v1/deliveries/{letter} until "attempts":5
=> 200
restart
clock + 7 hours
api GET /v1/deliveries/{letter} until "attempts":6
=> 200
clock + 13 hours
api GET /v1/deliveries/{letter} until "attempts":7
=> 200
  status = "failed"
clock + 13 hours
api GET /v1/deliveries/{letter} until "dead"
=> 200
  attempts = 8
  dueAt = null
  error = "no greeting is ready"

# while its script is gone, it waits
write scripts/greet.lua
local foyer = require("foyer")
end of file
api POST /v1/plugins/reload
=> 200
api POST /v1/deliveries/{letter}/replay
=> 200
  isPaused = true
  status = "queued"
  attempts = 0

# mended
write scripts/greet.lua
local foyer = require("foyer")
foyer.on("client.created", { name = "greet" }, function(event)
  foyer.api("PATCH", "/v1/clients/" .. event.entityId, { body = { position = "greeted" } })
end)
end of file
api POST /v1/plugins/reload
=> 200
api GET /v1/deliveries/{letter} until "done"
=> 200
  isPaused = false
api GET /v1/clients/{ann}
=> 200
  position = "greeted"

# A script keeps values for a while, for all threads; a change that is refused leaves nothing there
proves: X1

workspace "Rocket Agency" owned by owner@example.com

write scripts/quota.lua
-- Quota, for a test.
local foyer = require("foyer")

foyer.settings { most = { type = "integer", default = 2 } }

foyer.filter("client.create", function(ctx, client)
  local count = foyer.cache.add("made", 1, { ttl = 3600 })
  if client.givenName == "Nobody" then error("a slip") end
  if count > ctx.settings.most then
    return foyer.reject("quota", "This is the " .. count .. ". of the hour.", { field = "givenName" })
  end
  foyer.cache.set("last", { name = client.givenName, tags = foyer.json.array({}) })
  local last = foyer.cache.get("last")
  last.name = "changed"
  return { position = foyer.cache.get("last").name .. " is " .. count }
end)
end of file
api POST /v1/plugins/reload
=> 200
  changed = true

api POST /v1/clients
  {"givenName": "Ann", "familyName": "Lee", "email": "ann@example.com"}
=> 200
  position = "Ann is 1"

# An address that is there already, and a filter that fails: nothing was made, and nothing counted.
api POST /v1/clients
  {"givenName": "Ann", "familyName": "Lee", "email": "ann@example.com"}
=> 409

api POST /v1/clients
  {"givenName": "Nobody", "familyName": "Lee", "email": "nobody@example.com"}
=> 503

api POST /v1/clients
  {"givenName": "Bob", "familyName": "Lee", "email": "bob@example.com"}
=> 200
  position = "Bob is 2"

api POST /v1/clients
  {"givenName": "Cid", "familyName": "Lee", "email": "cid@example.com"}
=> 422
  code = "quota"
  message = "This is the 3. of the hour."

# Another choice of the workspace begins with an empty cache.
api PATCH /v1/plugins/quota.lua
  {"settings": {"most": 1}}
=> 200

api POST /v1/clients
  {"givenName": "Cid", "familyName": "Lee", "email": "cid@example.com"}
=> 200
  position = "Cid is 1"

api GET /metrics
=> 200

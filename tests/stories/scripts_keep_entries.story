# A script keeps what it has to know again: with the change that it belongs to, or not at all
proves: A13

workspace "Rocket Agency" owned by owner@example.com

write scripts/one_a_family.lua
local foyer = require("foyer")

foyer.filter("client.create", function(_, client)
  local key = "family/" .. foyer.text.fold(client.familyName)
  if not foyer.kv.set(key, { first = client.givenName }, { version = 0 }) then
    local kept = foyer.kv.get(key)
    return foyer.reject("family_is_here", "Ask " .. kept.first .. ".", { field = "familyName" })
  end
end)
end of file
api POST /v1/plugins/reload
=> 200
# what is refused for another reason has kept nothing
api POST /v1/clients
  {"givenName": "Ann", "familyName": "Lee", "email": "owner"}
=> 400
api POST /v1/clients
  {"givenName": "Ann", "familyName": "Lee", "email": "ann@example.com", "companyId": "018f2d5e-0000-7000-8000-000000000001"}
=> 400
api POST /v1/clients
  {"givenName": "Bob", "familyName": "Lee", "email": "bob@example.com"}
=> 200
api POST /v1/clients
  {"givenName": "Cid", "familyName": "LÉE", "email": "cid@example.com"}
=> 422
  code = "family_is_here"
  message = "Ask Bob."

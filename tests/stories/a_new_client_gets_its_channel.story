# A new client gets the channel that the workspace wants; without companies there are individual ones only
proves: C4, C5

workspace "Rocket Agency" owned by owner@example.com with the demo

api GET /v1/workspaces
=> 200
  defaultChannelType = "individual"
api GET /v1/clients?givenName=John
=> 200
  data.0.id as john
  data.0.companyId as rides
api GET /v1/message-channels?count=true
=> 200
  count = 2
  data.0.membershipType = "individual"

# none
api PATCH /v1/workspaces
  {"defaultChannelType": "none"}
=> 200
  defaultChannelType = "none"
api POST /v1/clients
  {"givenName": "Ann", "familyName": "Lee", "email": "ann@example.com"}
=> 200
  id as ann
api GET /v1/message-channels?memberId={ann}
=> 200
  data has 0 entries

# the company's: made once, those who are there keep what they have
api PATCH /v1/workspaces
  {"defaultChannelType": "company"}
=> 200
api GET /v1/message-channels?count=true
=> 200
  count = 2
api POST /v1/clients
  {"givenName": "Bob", "familyName": "Lee", "email": "bob@example.com", "companyId": "{rides}"}
=> 200
  id as bob
api GET /v1/message-channels?memberId={bob}
=> 200
  data has 1 entry
  data.0.membershipType = "company"
  data.0.companyId = "{rides}"
  data.0.memberCount = 3
  data.0.id as all_of_it
api POST /v1/clients
  {"givenName": "Cid", "familyName": "Lee", "email": "cid@example.com", "companyId": "{rides}"}
=> 200
  id as cid
api GET /v1/message-channels?companyId={rides}
=> 200
  data has 1 entry
  data.0.id = "{all_of_it}"
  data.0.memberCount = 4
api POST /v1/message-channels
  {"membershipType": "group", "memberIds": ["{bob}", "{cid}"]}
=> 200
  id as pair

# no companies: group and company channels are not there, and nothing of them is lost
api PATCH /v1/workspaces
  {"isCompaniesEnabled": false}
=> 200
api GET /v1/message-channels?count=true
=> 200
  count = 2
api GET /v1/message-channels/{pair}
=> 404
api GET /v1/message-channels/{all_of_it}
=> 404
api DELETE /v1/message-channels/{pair}
=> 404
api POST /v1/message-channels
  {"membershipType": "group", "memberIds": ["{bob}", "{cid}"]}
=> 422
  code = "companies_disabled"
api POST /v1/message-channels
  {"membershipType": "company", "companyId": "{rides}"}
=> 422
  code = "companies_disabled"
api POST /v1/message-channels
  {"membershipType": "individual", "clientId": "{bob}"}
=> 200
api POST /v1/clients
  {"givenName": "Dan", "familyName": "Lee", "email": "dan@example.com"}
=> 200
  id as dan
api GET /v1/message-channels?memberId={dan}
=> 200
  data has 1 entry
  data.0.membershipType = "individual"
api DELETE /v1/clients/{cid}
=> 200
api PATCH /v1/workspaces
  {"isCompaniesEnabled": true}
=> 200
api GET /v1/message-channels/{pair}
=> 200
  memberIds = ["{bob}"]
api PATCH /v1/workspaces
  {"defaultChannelType": "group"}
=> 400
  errors.0.field = "defaultChannelType"

# a filter may keep it from being made; the client is there all the same
write scripts/no_channels.lua
local foyer = require("foyer")

foyer.filter("message_channel.create", function(_, channel)
  if channel.membershipType == "individual" then return foyer.reject("no_letters", "We telephone.") end
end)
end of file
api POST /v1/plugins/reload
=> 200
api PATCH /v1/workspaces
  {"defaultChannelType": "individual"}
=> 200
api POST /v1/clients
  {"givenName": "Eve", "familyName": "Lee", "email": "eve@example.com"}
=> 200
  id as eve
api GET /v1/message-channels?memberId={eve}
=> 200
  data has 0 entries
api POST /v1/message-channels
  {"membershipType": "individual", "clientId": "{eve}"}
=> 422
  code = "no_letters"
api POST /v1/message-channels
  {"membershipType": "individual", "clientId": "{john}"}
=> 200

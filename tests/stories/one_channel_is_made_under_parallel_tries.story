# One channel is made under parallel tries, one edit of many is the one that was meant, and groups stay small
proves: C3

workspace "Rocket Agency" owned by owner@example.com with the demo

api GET /v1/clients?givenName=John
=> 200
  data.0.id as john
api GET /v1/clients?givenName=Jane
=> 200
  data.0.id as jane
20 times at once api POST /v1/message-channels => 20 of 200
  {"membershipType": "group", "memberIds": ["{john}", "{jane}"]}
api GET /v1/message-channels?membershipType=group&count=true
=> 200
  count = 1
  data.0.id as pair

# of many who edit what they all have seen, one does
api GET /v1/clients?givenName=John
=> 200
  data.0.companyId as rides
api POST /v1/clients
  {"givenName": "Ann", "familyName": "Lee", "email": "ann@example.com", "companyId": "{rides}"}
=> 200
  id as ann
api GET /v1/message-channels/{pair}
=> 200
  header ETag as etag
10 times at once api PATCH /v1/message-channels/{pair} => 1 of 200, 9 of 412
  {"memberIds": ["{john}", "{ann}"]}
  with If-Match: {etag}
10 times at once api PATCH /v1/message-channels/{pair} => 10 of 200
  {"memberIds": ["{john}", "{jane}"]}
foyer check --data DATA
=> 0

# a repeated request is answered as it was
api POST /v1/message-channels
  {"membershipType": "group", "memberIds": ["{john}", "{jane}"]}
  with Idempotency-Key: once
=> 200
  id = "{pair}"
api DELETE /v1/message-channels/{pair}
=> 200
api POST /v1/message-channels
  {"membershipType": "group", "memberIds": ["{john}", "{jane}"]}
  with Idempotency-Key: once
=> 200
  id = "{pair}"
  header Idempotency-Replayed = true

# an admin's copy of the policy
write scripts/channel_policy.lua
local foyer = require("foyer")

foyer.settings {
  max_group = { type = "integer", default = 2, min = 2, max = 500, help = "Most members of a group." },
}

foyer.filter("message_channel.create", function(ctx, channel)
  if channel.membershipType == "group" and #channel.memberIds > ctx.settings.max_group then
    return foyer.reject("group_too_large", "At most " .. ctx.settings.max_group .. ".", { field = "memberIds" })
  end
end)
end of file
api POST /v1/plugins/reload
=> 200
api POST /v1/message-channels
  {"membershipType": "group", "memberIds": ["{john}", "{jane}", "{ann}"]}
=> 422
  errors.0.field = "memberIds"
  errors.0.code = "group_too_large"
api POST /v1/message-channels
  {"membershipType": "group", "memberIds": ["{john}", "{jane}"]}
=> 200

# Channels are of one client, of a group or of a company, and the same one is made once
proves: C1, C2, C3

workspace "Rocket Agency" owned by owner@example.com with the demo

api GET /v1/clients?givenName=John
=> 200
  data.0.id as john
  data.0.companyId as rides
api GET /v1/clients?givenName=Jane
=> 200
  data.0.id as jane
api POST /v1/clients
  {"givenName": "Ann", "familyName": "Lee", "email": "ann@example.com", "companyId": "{rides}"}
=> 200
  id as ann

# one client: made with it
api POST /v1/message-channels
  {"membershipType": "individual", "clientId": "{john}"}
=> 200
  id as own
  object = "messageChannel"
  clientId = "{john}"
  companyId = null
  membershipEntityId = "{john}"
  memberIds = ["{john}"]
  memberCount = 1
  lastMessageDate = null
api POST /v1/message-channels
  {"membershipType": "individual", "membershipEntityId": "{john}", "companyId": "{rides}"}
=> 200
  id = "{own}"
api GET /v1/message-channels?clientId={john}
=> 200
  data has 1 entry
  data.0.id = "{own}"

# a group: in whatever order its members are named
api POST /v1/message-channels
  {"membershipType": "group", "memberIds": ["{john}", "{jane}"]}
=> 200
  id as pair
  membershipType = "group"
  companyId = "{rides}"
  clientId = null
  memberCount = 2
api POST /v1/message-channels
  {"membershipType": "group", "memberIds": ["{jane}", "{john}"], "companyId": "{rides}"}
=> 200
  id = "{pair}"
api POST /v1/message-channels
  {"membershipType": "group", "memberIds": ["{jane}", "{ann}"]}
=> 200
  id as other

# its members are edited, but never to those of another group
api GET /v1/message-channels/{other}
=> 200
  header ETag as etag
api PATCH /v1/message-channels/{other}
  {"memberIds": ["{john}", "{jane}", "{ann}"]}
  with If-Match: {etag}
=> 200
  id = "{other}"
  memberCount = 3
api PATCH /v1/message-channels/{other}
  {"memberIds": ["{jane}", "{ann}"]}
  with If-Match: {etag}
=> 412
api PATCH /v1/message-channels/{other}
  {"memberIds": ["{jane}", "{john}"]}
=> 409
  errors.0.field = "memberIds"
  errors.0.code = "channel_exists"
api GET /v1/message-channels/{other}
=> 200
  memberCount = 3
api PATCH /v1/message-channels/{other}
  {}
=> 200
  memberCount = 3

# a company: whoever is in it, whatever members are named
api POST /v1/message-channels
  {"membershipType": "company", "companyId": "{rides}", "memberIds": ["{john}"]}
=> 200
  id as all_of_it
  membershipEntityId = "{rides}"
  memberCount = 3
api POST /v1/clients
  {"givenName": "Bob", "familyName": "Lee", "email": "bob@example.com", "companyId": "{rides}"}
=> 200
  id as bob
api POST /v1/message-channels
  {"membershipType": "company", "membershipEntityId": "{rides}"}
=> 200
  id = "{all_of_it}"
  memberIds = ["{john}", "{jane}", "{ann}", "{bob}"]
api GET /v1/message-channels/{other}
=> 200
  memberCount = 3

# found by kind, company and member
api GET /v1/message-channels?count=true&sort=createdAt
=> 200
  count = 7
  data.0.id = "{own}"
api GET /v1/message-channels?membershipType=group&limit=1
=> 200
  data.0.id = "{other}"
  nextToken as next
api GET /v1/message-channels?membershipType=group&limit=1&nextToken={next}
=> 200
  data.0.id = "{pair}"
  nextToken is absent
api GET /v1/message-channels?companyId={rides}&count=true&sort=-lastMessageDate
=> 200
  count = 3
api GET /v1/message-channels?membershipEntityId={rides}&membershipType=company
=> 200
  data has 1 entry
api GET /v1/message-channels?memberId={bob}&sort=createdAt
=> 200
  data has 2 entries
  data.0.id = "{all_of_it}"
  data.1.clientId = "{bob}"
api GET /v1/message-channels?fields=id,membershipType&limit=1
=> 200
  data.0.memberIds is absent
  data.0.membershipType = "individual"

# individual and company channels are neither edited nor deleted; a group is
api PATCH /v1/message-channels/{own}
  {"memberIds": ["{john}", "{jane}"]}
=> 422
  code = "not_a_group"
api PATCH /v1/message-channels/{all_of_it}
  {"memberIds": ["{john}", "{jane}"]}
=> 422
  code = "not_a_group"
  message ~ follows its company
api DELETE /v1/message-channels/{own}
=> 422
  code = "not_a_group"
api DELETE /v1/message-channels/{all_of_it}
=> 422
api DELETE /v1/message-channels/{pair}
=> 200
  object = "messageChannel"
  deleted = true
api GET /v1/message-channels/{pair}
=> 404
api GET /v1/audit?limit=3
=> 200
  data.0.action = "message_channel.delete"
  data.0.entityId = "{pair}"
api PATCH /v1/message-channels/{other}
  {"memberIds": ["{jane}", "{john}"]}
=> 200
foyer check --data DATA
=> 0

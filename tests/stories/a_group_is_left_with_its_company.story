# Who leaves the company or is archived leaves its groups, and the individual channel goes with its client
proves: C1, P4, P5

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
api POST /v1/clients
  {"givenName": "Bob", "familyName": "Lee", "email": "bob@example.com"}
=> 200
  id as bob
  companyId as bobs
api POST /v1/message-channels
  {"membershipType": "group", "memberIds": ["{john}", "{jane}"]}
=> 200
  id as pair
api POST /v1/message-channels
  {"membershipType": "group", "memberIds": ["{john}", "{jane}", "{ann}"]}
=> 200
  id as three
api POST /v1/message-channels
  {"membershipType": "company", "companyId": "{rides}"}
=> 200
  id as all_of_it
  memberCount = 3

# Ann moves: the three are the same two as the pair, and both stay, for each has its own history
api PATCH /v1/clients/{ann}
  {"companyIds": ["{bobs}"]}
=> 200
api GET /v1/message-channels/{three}
=> 200
  memberCount = 2
  updatedAt as moved
api GET /v1/message-channels/{all_of_it}
=> 200
  memberIds = ["{john}", "{jane}"]
api GET /v1/message-channels?memberId={ann}
=> 200
  data has 1 entry
  data.0.membershipType = "individual"
api POST /v1/message-channels
  {"membershipType": "group", "memberIds": ["{john}", "{jane}"]}
=> 200
  id = "{pair}"
api DELETE /v1/message-channels/{pair}
=> 200
api POST /v1/message-channels
  {"membershipType": "group", "memberIds": ["{john}", "{jane}"]}
=> 200
  id = "{three}"

# Ann comes back to the company, not to the group
api PATCH /v1/clients/{ann}
  {"companyIds": ["{rides}", "{bobs}"]}
=> 200
api GET /v1/message-channels/{three}
=> 200
  memberCount = 2
  updatedAt = "{moved}"
api GET /v1/message-channels/{all_of_it}
=> 200
  memberCount = 3

# a group with one member left, and with none, stays: it can be given others
api GET /v1/message-channels?clientId={jane}
=> 200
  data.0.id as janes
api DELETE /v1/clients/{jane}
=> 200
api GET /v1/message-channels/{janes}
=> 404
api GET /v1/message-channels?clientId={jane}&count=true
=> 200
  count = 0
api GET /v1/message-channels/{three}
=> 200
  memberIds = ["{john}"]
api DELETE /v1/clients/{john}
=> 200
api GET /v1/message-channels/{three}
=> 200
  memberIds has 0 entries
  memberCount = 0
api PATCH /v1/clients/{bob}
  {"companyIds": ["{bobs}", "{rides}"]}
=> 200
api PATCH /v1/message-channels/{three}
  {"memberIds": ["{ann}", "{bob}"]}
=> 200
  memberCount = 2
api GET /v1/message-channels/{all_of_it}
=> 200
  memberIds = ["{ann}", "{bob}"]

# for good, too
api PATCH /v1/workspaces
  {"isDeletePermanent": true}
=> 200
api DELETE /v1/clients/{bob}
=> 200
api GET /v1/message-channels/{three}
=> 200
  memberIds = ["{ann}"]
  updatedAt as kept
api DELETE /v1/clients/{ann}/companies/{rides}
=> 200
api GET /v1/message-channels/{three}
=> 200
  memberIds has 0 entries
  updatedAt != "{kept}"
foyer check --data DATA
=> 0

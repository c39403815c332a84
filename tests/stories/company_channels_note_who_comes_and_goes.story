# A company channel notes each change of who is in it, by whichever road the client comes or goes
proves: C1, P4, P5

workspace "Rocket Agency" owned by owner@example.com with the demo

api GET /v1/clients?givenName=John
=> 200
  data.0.id as john
  data.0.companyId as rides
api POST /v1/companies
  {"name": "Blue Bikes"}
=> 200
  id as bikes
api POST /v1/message-channels
  {"membershipType": "company", "companyId": "{rides}"}
=> 200
  id as all_of_rides
  updatedAt as made
api POST /v1/message-channels
  {"membershipType": "company", "companyId": "{bikes}"}
=> 200
  id as all_of_bikes

# made into it
clock + 1 minute
api POST /v1/clients
  {"givenName": "Ann", "familyName": "Lee", "email": "ann@example.com", "companyId": "{rides}"}
=> 200
  id as ann
api GET /v1/message-channels/{all_of_rides}
=> 200
  memberCount = 3
  updatedAt != "{made}"
  updatedAt as came

# another change of hers is none of the channel
clock + 1 minute
api PATCH /v1/clients/{ann}
  {"phone": "+43 1 2345", "companyIds": ["{rides}"]}
=> 200
api GET /v1/message-channels/{all_of_rides}
=> 200
  updatedAt = "{came}"

# a membership more, and one less
api GET /v1/message-channels/{all_of_bikes}
=> 200
  updatedAt as empty
api PUT /v1/clients/{ann}/companies/{bikes}
  {}
=> 200
api GET /v1/message-channels/{all_of_bikes}
=> 200
  memberIds = ["{ann}"]
  updatedAt != "{empty}"
  updatedAt as joined
api GET /v1/message-channels/{all_of_rides}
=> 200
  updatedAt = "{came}"
clock + 1 minute
api DELETE /v1/clients/{ann}/companies/{bikes}
=> 200
api GET /v1/message-channels/{all_of_bikes}
=> 200
  memberIds has 0 entries
  updatedAt != "{joined}"
  updatedAt as left

# all of a company at once
clock + 1 minute
api POST /v1/companies/{rides}/move-clients
  {"companyId": "{bikes}"}
=> 200
api GET /v1/message-channels/{all_of_bikes}
=> 200
  memberCount = 3
  updatedAt != "{left}"
  updatedAt as moved
api GET /v1/message-channels/{all_of_rides}
=> 200
  memberCount = 0
  updatedAt != "{came}"

# into the archive and out of it
clock + 1 minute
api DELETE /v1/clients/{ann}
=> 200
api GET /v1/message-channels/{all_of_bikes}
=> 200
  memberCount = 2
  updatedAt != "{moved}"
  updatedAt as archived
clock + 1 minute
api POST /v1/clients/{ann}/restore
=> 200
api GET /v1/message-channels/{all_of_bikes}
=> 200
  memberCount = 3
  updatedAt != "{archived}"

# who leaves a placeholder leaves nothing of it
api PATCH /v1/workspaces
  {"defaultChannelType": "company"}
=> 200
api POST /v1/clients
  {"givenName": "Bob", "familyName": "Lee", "email": "bob@example.com"}
=> 200
  id as bob
  companyId as alone
api GET /v1/message-channels?companyId={alone}
=> 200
  data.0.memberIds = ["{bob}"]
  data.0.id as all_of_bob
api PUT /v1/clients/{bob}/companies/{bikes}
  {}
=> 200
api GET /v1/message-channels/{all_of_bob}
=> 404
foyer check --data DATA
=> 0

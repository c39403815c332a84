# Staff of assigned clients makes and changes channels where all members are its clients, and sees the others
proves: A6, C1

workspace "Rocket Agency" owned by owner@example.com with the demo

api POST /v1/internal-users?sendInvite=true
  {"givenName": "Asa", "familyName": "Igned", "email": "asa@example.com", "role": "Staff of assigned clients only"}
=> 200
  id as asa
mail to asa@example.com
  link as link
asa POST {link}
  password=a ladder of wet moss
=> 303
api POST /v1/companies
  {"name": "Blue Bikes", "accountManagerId": "{asa}"}
=> 200
  id as bikes
api POST /v1/clients
  {"givenName": "Ann", "familyName": "Lee", "email": "ann@example.com", "companyId": "{bikes}", "accountManagerId": "{asa}"}
=> 200
  id as ann
api POST /v1/clients
  {"givenName": "Bob", "familyName": "Lee", "email": "bob@example.com", "companyId": "{bikes}", "accountManagerId": "{asa}"}
=> 200
  id as bob
api POST /v1/clients
  {"givenName": "Cid", "familyName": "Lee", "email": "cid@example.com", "companyId": "{bikes}"}
=> 200
  id as cid

# of her own clients she makes what she likes
asa POST /v1/message-channels
  {"membershipType": "group", "memberIds": ["{ann}", "{bob}"]}
=> 200
  id as pair
asa POST /v1/message-channels
  {"membershipType": "group", "memberIds": ["{ann}", "{cid}"]}
=> 400
  errors.0.code = "not_found"
asa PATCH /v1/message-channels/{pair}
  {"memberIds": ["{ann}", "{cid}"]}
=> 400
  errors.0.code = "not_found"
asa POST /v1/message-channels
  {"membershipType": "company", "companyId": "{bikes}"}
=> 403
  code = "members_not_yours"


# also in a company that she does not look after, but her clients are in
api POST /v1/companies
  {"name": "Red Rafts"}
=> 200
  id as rafts
asa POST /v1/message-channels
  {"membershipType": "group", "memberIds": ["{ann}", "{bob}"], "companyId": "{rafts}"}
=> 400
  errors.0.code = "not_found"
api PUT /v1/clients/{ann}/companies/{rafts}
  {}
=> 200
api PUT /v1/clients/{bob}/companies/{rafts}
  {}
=> 200
asa POST /v1/message-channels
  {"membershipType": "group", "memberIds": ["{ann}", "{bob}"], "companyId": "{rafts}"}
=> 200
  companyId = "{rafts}"

# a group with somebody else's client is read and left as it is
api PATCH /v1/message-channels/{pair}
  {"memberIds": ["{ann}", "{bob}", "{cid}"]}
=> 200
asa GET /v1/message-channels/{pair}
=> 200
  memberCount = 3
asa PATCH /v1/message-channels/{pair}
  {"memberIds": ["{ann}", "{bob}"]}
=> 403
  code = "members_not_yours"
api POST /v1/message-channels
  {"membershipType": "company", "companyId": "{bikes}"}
=> 200
  id as all_of_it
asa POST /v1/message-channels
  {"membershipType": "company", "companyId": "{bikes}"}
=> 200
  id = "{all_of_it}"

# once all are hers, it is hers to change
api PATCH /v1/clients/{cid}
  {"accountManagerId": "{asa}"}
=> 200
asa PATCH /v1/message-channels/{pair}
  {"memberIds": ["{bob}", "{cid}"]}
=> 200
  memberCount = 2
asa DELETE /v1/message-channels/{pair}
=> 403
  code = "denied"

# Staff of assigned clients sees those whose manager it is and those of its companies
proves: A6

workspace "Rocket Agency" owned by owner@example.com with the demo

api GET /v1/clients?givenName=Jane
=> 200
  data.0.companyId as rockets
  data.0.id as jane
api POST /v1/internal-users?sendInvite=true
  {"givenName": "Asa", "familyName": "Igned", "email": "asa@example.com", "role": "Staff of assigned clients only"}
=> 200
  id as asa
mail to asa@example.com
  link as link
asa POST {link}
  password=a ladder of wet moss
=> 303
asa GET /v1/clients
=> 200
  data has 0 entries
api POST /v1/clients
  {"givenName": "Ann", "familyName": "Lee", "email": "ann@example.com", "accountManagerId": "{asa}"}
=> 200
  id as ann
asa GET /v1/clients?count=true
=> 200
  count = 1
  data.0.id = "{ann}"
asa PATCH /v1/clients/{ann}
  {"phone": "+43 1 2345"}
=> 200
asa PATCH /v1/clients/{ann}
  {"companyIds": ["{rockets}"]}
=> 403
  code = "company_not_yours"
asa GET /v1/clients/{jane}
=> 404

# and the channels that they are in
asa GET /v1/message-channels?count=true
=> 200
  count = 1
  data.0.clientId = "{ann}"
  data.0.id as anns
api GET /v1/message-channels?clientId={jane}
=> 200
  data.0.id as janes
asa GET /v1/message-channels/{anns}
=> 200
asa GET /v1/message-channels/{janes}
=> 404
asa POST /v1/message-channels
  {"membershipType": "individual", "clientId": "{jane}"}
=> 400
  errors.0.code = "not_found"

api POST /v1/api-keys
  {"name": "for asa", "internalUserId": "{asa}"}
=> 200
  key as key
nobody GET /v1/clients
  with X-API-Key: {key}
=> 200
  data has 1 entry
api PATCH /v1/internal-users/{asa}
  {"isClientAccessLimited": true, "companyAccessList": ["{rockets}"]}
=> 200
nobody GET /v1/clients?count=true
  with X-API-Key: {key}
=> 200
  count = 3

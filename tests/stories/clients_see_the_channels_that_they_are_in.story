# A client sees the channels that it is in, and changes none
proves: A1, C1

workspace "Rocket Agency" owned by owner@example.com with the demo

api GET /v1/clients?givenName=John
=> 200
  data.0.id as john
  data.0.companyId as rides
api GET /v1/clients?givenName=Jane
=> 200
  data.0.id as jane
api POST /v1/clients?sendInvite=true
  {"givenName": "Ann", "familyName": "Lee", "email": "ann@example.com", "companyId": "{rides}"}
=> 200
  id as ann
mail to ann@example.com
  link as invite
ann POST {invite}
  password=a ladder of wet moss
=> 303
api POST /v1/message-channels
  {"membershipType": "group", "memberIds": ["{john}", "{jane}"]}
=> 200
  id as theirs
api POST /v1/message-channels
  {"membershipType": "group", "memberIds": ["{ann}", "{jane}"]}
=> 200
  id as hers
api POST /v1/message-channels
  {"membershipType": "company", "companyId": "{rides}"}
=> 200
  id as all_of_it

ann GET /v1/message-channels?count=true&sort=createdAt
=> 200
  count = 3
  data.0.clientId = "{ann}"
  data.0.id as own
  data.1.id = "{hers}"
  data.2.id = "{all_of_it}"
ann GET /v1/message-channels/{hers}
=> 200
  memberCount = 2
ann GET /v1/message-channels/{theirs}
=> 404
  all as hidden
ann GET /v1/message-channels/01900000-0000-7000-8000-000000000000
=> 404
  all = {hidden}
ann GET /v1/message-channels?memberId={john}
=> 200
  data has 1 entry
  data.0.id = "{all_of_it}"
ann GET /v1/message-channels?clientId={john}&count=true
=> 200
  count = 0
ann POST /v1/message-channels
  {"membershipType": "individual", "clientId": "{ann}"}
=> 403
ann PATCH /v1/message-channels/{hers}
  {"memberIds": ["{ann}", "{john}"]}
=> 403
ann PATCH /v1/message-channels/{theirs}
  {"memberIds": ["{ann}", "{john}"]}
=> 404
ann DELETE /v1/message-channels/{hers}
=> 403
nobody GET /v1/message-channels
=> 401

# who leaves the company no longer sees its channels
api POST /v1/clients
  {"givenName": "Bob", "familyName": "Lee", "email": "bob@example.com"}
=> 200
  companyId as bobs
api PATCH /v1/clients/{ann}
  {"companyIds": ["{bobs}"]}
=> 200
ann GET /v1/message-channels
=> 200
  data has 1 entry
  data.0.id = "{own}"
ann GET /v1/message-channels/{all_of_it}
=> 404

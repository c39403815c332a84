# A channel that cannot be is refused, and the answer says why
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
  {"givenName": "Ann", "familyName": "Lee", "email": "ann@example.com"}
=> 200
  id as ann
  companyId as anns
api POST /v1/clients
  {"givenName": "Bob", "familyName": "Lee", "email": "bob@example.com"}
=> 200
  id as bob
api DELETE /v1/clients/{bob}
=> 200

# what is missing or too much
api POST /v1/message-channels
  {}
=> 400
  errors.0.field = "membershipType"
api POST /v1/message-channels
  {"membershipType": "party", "colour": "red"}
=> 400
  errors has 2 entries
api POST /v1/message-channels
  {"membershipType": "individual"}
=> 400
  errors.0.field = "clientId"
  errors.0.code = "required"
api POST /v1/message-channels
  {"membershipType": "company"}
=> 400
  errors.0.field = "companyId"
  errors.0.code = "required"
api POST /v1/message-channels
  {"membershipType": "group"}
=> 400
  errors.0.field = "memberIds"
  errors.0.code = "too_few"
api POST /v1/message-channels
  {"membershipType": "group", "memberIds": ["{john}"]}
=> 400
  errors.0.code = "too_few"
api POST /v1/message-channels
  {"membershipType": "group", "memberIds": ["{john}", "{jane}", "{john}"]}
=> 400
  errors.0.code = "duplicate"
  errors.0.message ~ {john}
api POST /v1/message-channels
  {"membershipType": "group", "memberIds": ["{john}", "John"]}
=> 400
api POST /v1/message-channels
  {"membershipType": "group", "memberIds": ["{john}", "{jane}"], "clientId": "{ann}"}
=> 400
  errors.0.field = "clientId"
api POST /v1/message-channels
  {"membershipType": "company", "companyId": "{rides}", "membershipEntityId": "{anns}"}
=> 400
  errors.0.field = "membershipEntityId"

# who is not there
api POST /v1/message-channels
  {"membershipType": "individual", "clientId": "{bob}"}
=> 400
  errors.0.field = "clientId"
  errors.0.code = "not_found"
api POST /v1/message-channels
  {"membershipType": "individual", "clientId": "{rides}"}
=> 400
  errors.0.code = "not_found"
api POST /v1/message-channels
  {"membershipType": "group", "memberIds": ["{john}", "{bob}"]}
=> 400
  errors.0.field = "memberIds"
  errors.0.code = "not_found"
api POST /v1/message-channels
  {"membershipType": "company", "companyId": "{john}"}
=> 400
  errors.0.code = "not_found"

# of one company, and it is clear of which
api POST /v1/message-channels
  {"membershipType": "group", "memberIds": ["{john}", "{ann}"]}
=> 422
  errors.0.code = "other_company"
api POST /v1/message-channels
  {"membershipType": "group", "memberIds": ["{john}", "{jane}"], "companyId": "{anns}"}
=> 422
  errors.0.code = "other_company"
api POST /v1/message-channels
  {"membershipType": "individual", "clientId": "{john}", "companyId": "{anns}"}
=> 422
  errors.0.code = "other_company"
api PATCH /v1/clients/{john}
  {"companyIds": ["{rides}", "{anns}"]}
=> 200
api PATCH /v1/clients/{jane}
  {"companyIds": ["{rides}", "{anns}"]}
=> 200
api POST /v1/message-channels
  {"membershipType": "group", "memberIds": ["{john}", "{jane}"]}
=> 422
  errors.0.field = "companyId"
  errors.0.code = "company_ambiguous"
api POST /v1/message-channels
  {"membershipType": "group", "memberIds": ["{john}", "{jane}"], "companyId": "{anns}"}
=> 200
  id as with_anns
  companyId = "{anns}"
api POST /v1/message-channels
  {"membershipType": "group", "memberIds": ["{john}", "{jane}"], "companyId": "{rides}"}
=> 200
  id != "{with_anns}"
api POST /v1/message-channels
  {"membershipType": "group", "memberIds": ["{john}", "{ann}"]}
=> 200
  companyId = "{anns}"

# edits
api PATCH /v1/message-channels/{with_anns}
  {"memberIds": ["{john}"]}
=> 400
  errors.0.code = "too_few"
api PATCH /v1/message-channels/{with_anns}
  {"memberIds": []}
=> 400
  errors.0.code = "too_few"
api PATCH /v1/message-channels/{with_anns}
  {"memberIds": ["{john}", "{bob}"]}
=> 400
  errors.0.code = "not_found"
api PATCH /v1/message-channels/{with_anns}
  {"membershipType": "company", "companyId": "{rides}"}
=> 400
  errors has 2 entries
api PATCH /v1/message-channels/01900000-0000-7000-8000-000000000000
  {"memberIds": ["{john}", "{jane}"]}
=> 404

# lists
api GET /v1/message-channels?membershipType=party
=> 400
  errors.0.field = "membershipType"
api GET /v1/message-channels?memberId=nobody
=> 200
  data has 0 entries
api GET /v1/message-channels?memberId=&clientId=&companyId=
=> 200
  data has 6 entries
api GET /v1/message-channels?staffId={john}
=> 400

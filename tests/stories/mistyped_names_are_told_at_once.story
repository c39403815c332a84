# Mistyped names get the one that was meant, and all that is faulty is told at once
proves: P7

workspace "Rocket Agency" owned by owner@example.com with the demo

api POST /v1/clients
  {"given_name": "Ann", "familyNmae": "Lee", "emial": "ann@example.com", "colour": "red"}
=> 400
  errors has 6 entries
  errors.0.field = "given_name"
  errors.0.code = "unknown_field"
  errors.0.message ~ Did you mean `givenName`?
  errors.1.message ~ Did you mean `familyName`?
  errors.2.message ~ Did you mean `email`?
  errors.3.message !~ Did you mean
api POST /v1/custom-fields
  {"name": "Birthday", "key": "birthday", "type": "text", "entityType": "client"}
=> 200
api POST /v1/clients
  {"givenName": "Ann", "familyName": "Lee", "email": "ann@example.com", "customFields": {"birtday": "1 May"}}
=> 400
  errors.0.field = "customFields.birtday"
  errors.0.message ~ Did you mean `birthday`?

# queries
api GET /v1/clients?foo=1&limit=abc&count=maybe&sort=shoe&fields=id,emial&status=lost
=> 400
  errors has 6 entries
  errors.0.field = "foo"
  errors.0.code = "unknown_parameter"
  errors.0.message !~ Did you mean
  errors.1.field = "limit"
  errors.1.code = "not_a_number"
  errors.2.field = "count"
  errors.2.code = "not_a_boolean"
  errors.3.code = "unknown_field"
  errors.3.message ~ Did you mean `email`?
  errors.4.code = "unknown_choice"
  errors.5.code = "unknown_sort"
api GET /v1/clients?archived=true&sort=shoe
=> 400
  errors has 1 entry
  errors.0.message ~ sorted by createdAt (
api GET /v1/clients?company_id=1&Limit=3
=> 400
  errors.0.message ~ Did you mean `companyId`?
  errors.1.message ~ Did you mean `limit`?
api POST /v1/clients?sendInvites=true
  {"givenName": "Ann", "familyName": "Lee"}
=> 400
  errors.0.message ~ Did you mean `sendInvite`?
api GET /v1/clients?limit=&count=&sort=&status=
=> 200
  data has 2 entries

# A client sees herself, and others are not there for her
proves: A1

workspace "Rocket Agency" owned by owner@example.com with the demo

api POST /v1/clients?sendInvite=true
  {"givenName": "Ann", "familyName": "Lee", "email": "ann@example.com"}
=> 200
  id as ann
mail to ann@example.com
  link as invite
ann POST {invite}
  password=a ladder of wet moss
=> 303
api GET /v1/clients?givenName=John
=> 200
  data.0.id as john
ann GET /v1/clients/{ann}
=> 200
ann GET /v1/clients/{john}
=> 404
  all as hidden
ann GET /v1/clients/01900000-0000-7000-8000-000000000000
=> 404
  all = {hidden}
ann GET /v1/clients?count=true
=> 200
  data has 1 entry
  count = 1
ann GET /v1/clients?q=doe
=> 200
  data has 0 entries
ann DELETE /v1/clients/{ann}
=> 403
ann POST /v1/clients
  {"givenName": "Bob", "familyName": "Lee", "email": "bob@example.com"}
=> 403
ann PATCH /v1/me
  {"phone": "+1 555 0199"}
=> 200
  client.phone = "+1 555 0199"

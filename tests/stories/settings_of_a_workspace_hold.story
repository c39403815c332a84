# Companies may be required or off, addresses optional, deletion for good, invites short
proves: P2, P3, P5, S4

workspace "Rocket Agency" owned by owner@example.com with the demo

api GET /v1/clients?givenName=John
=> 200
  data.0.companyId as rides
api PATCH /v1/workspaces
  {"isCompanyRequired": true, "isOneCompanyPerClient": true, "inviteDays": 2, "isEmailRequired": false}
=> 200
  isCompanyRequired = true
api POST /v1/clients
  {"givenName": "Ann", "familyName": "Lee"}
=> 200
  companyId = "{rides}"
  email = null
  id as ann
api POST /v1/invites
  {"clientIds": ["{ann}"]}
=> 200
  data.0.ok = false
  data.0.code = "no_address"
api POST /v1/invites
  {"clientIds": ["{ann}"], "email": "ann@example.com"}
=> 200
  data.0.ok = true
mail to ann@example.com
  text ~ 2 days
  link as invite
clock + 3 days
nobody GET {invite}
=> 410
api POST /v1/clients
  {"givenName": "Bob", "familyName": "Lee", "companyId": "01900000-0000-7000-8000-000000000000"}
=> 400
  errors has 1 entry
  errors.0.field = "companyId"
  errors.0.code = "not_found"
api PUT /v1/clients/{ann}
  {"givenName": "Ann", "familyName": "Lee", "companyId": "01900000-0000-7000-8000-000000000000"}
=> 400
  errors has 1 entry
  errors.0.field = "companyId"
api PATCH /v1/workspaces
  {"isCompaniesEnabled": false, "isCompanyRequired": false, "isDeletePermanent": true}
=> 200
api POST /v1/clients
  {"givenName": "Cid", "familyName": "Lee", "companyId": "{rides}"}
=> 422
  errors.0.code = "companies_disabled"
api POST /v1/clients
  {"givenName": "Cid", "familyName": "Lee"}
=> 200
  companyIds has 0 entries
  id as cid
api DELETE /v1/clients/{cid}
=> 200
api PATCH /v1/workspaces
  {"brandName": "", "colour": "red", "colorAccent": "red"}
=> 400
  errors has 3 entries

# Where companies are switched off nobody has one, however the request says so; one company is named once
proves: P3

workspace "Rocket Agency" owned by owner@example.com with the demo

api GET /v1/clients?givenName=Jane
=> 200
  data.0.id as jane
  data.0.companyId as rides
api PATCH /v1/clients/{jane}
  {"companyIds": ["{rides}", "{rides}"]}
=> 200
  companyIds = ["{rides}"]

api PATCH /v1/workspaces
  {"isCompaniesEnabled": false}
=> 200
api POST /v1/clients
  {"givenName": "Ann", "familyName": "Lee", "email": "ann@example.com"}
=> 200
  companyIds has 0 entries
  companyId = null
  id as ann
api PATCH /v1/clients/{ann}
  {"companyIds": []}
=> 200
api PATCH /v1/clients/{ann}
  {"companyId": ""}
=> 200
api PUT /v1/clients/{ann}
  {"givenName": "Ann", "familyName": "Lee"}
=> 200
  companyIds has 0 entries
api PATCH /v1/clients/{ann}
  {"companyId": "{rides}"}
=> 422
  errors.0.code = "companies_disabled"

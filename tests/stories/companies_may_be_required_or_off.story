# Settings of companies hold with what is there: required, one, off, and on again
proves: P3, P4, P10

workspace "Rocket Agency" owned by owner@example.com

api POST /v1/companies
  {"name": "Acme"}
=> 200
  id as acme
api POST /v1/companies
  {"name": "Bikes"}
=> 200
  id as bikes
api POST /v1/clients
  {"givenName": "Ann", "familyName": "Lee", "email": "ann@example.com", "companyIds": ["{acme}", "{bikes}"]}
=> 200
  id as ann
api POST /v1/clients
  {"givenName": "Bob", "familyName": "Lee", "email": "bob@example.com"}
=> 200
  id as bob
  companyId as bobs

# required: who has none stays as he is, until his companies are changed
api PATCH /v1/workspaces
  {"isCompanyRequired": true}
=> 200
api PATCH /v1/clients/{bob}
  {"phone": "+1 555 0100"}
=> 200
  companyId = "{bobs}"
api PATCH /v1/clients/{bob}
  {"companyIds": ["{bobs}"]}
=> 422
  errors.0.code = "company_required"
api POST /v1/clients
  {"givenName": "Cid", "familyName": "Lee", "email": "cid@example.com"}
=> 422
  errors.0.code = "company_required"
api DELETE /v1/companies/{acme}
=> 200
api GET /v1/clients/{ann}
=> 200
  companyIds has 1 entry
api DELETE /v1/clients/{ann}/companies/{bikes}
=> 422
  code = "company_required"
api DELETE /v1/companies/{bikes}
=> 422
  code = "company_required"
api GET /v1/companies/{bikes}
=> 200
api POST /v1/clients
  {"givenName": "Cid", "familyName": "Lee", "email": "cid@example.com"}
=> 200
  companyId = "{bikes}"

# one: who is in several stays so, until his companies are changed
api POST /v1/companies
  {"name": "Cars"}
=> 200
  id as cars
api PUT /v1/clients/{ann}/companies/{cars}
=> 200
api PATCH /v1/workspaces
  {"isCompanyRequired": false, "isOneCompanyPerClient": true}
=> 200
api GET /v1/clients/{ann}
=> 200
  companyIds has 2 entries
api PATCH /v1/clients/{ann}
  {"companyIds": ["{bikes}", "{cars}"]}
=> 422
  errors.0.code = "one_company"
api PUT /v1/clients/{bob}/companies/{cars}
=> 200
api PUT /v1/clients/{bob}/companies/{bikes}
=> 422
  code = "one_company"

# off: there are no companies, and nothing is lost
api PATCH /v1/workspaces
  {"isCompaniesEnabled": false, "isOneCompanyPerClient": false}
=> 200
api GET /v1/companies
=> 404
  code = "companies_disabled"
api POST /v1/companies
  {"name": "Dogs"}
=> 404
  code = "companies_disabled"
api GET /v1/companies/{bikes}
=> 404
  code = "companies_disabled"
api GET /v1/clients/{ann}/companies
=> 404
api PUT /v1/clients/{ann}/companies/{bikes}
=> 404
api GET /v1/clients/{ann}
=> 200
  companyId = null
  companyIds has 0 entries
api GET /v1/clients?companyId={bikes}
=> 200
  data has 0 entries
api PATCH /v1/clients/{ann}
  {"position": "Director"}
=> 200
api PATCH /v1/clients/{ann}
  {"companyId": "{bikes}"}
=> 422
  errors.0.code = "companies_disabled"
api POST /v1/clients
  {"givenName": "Dan", "familyName": "Lee", "email": "dan@example.com"}
=> 200
  companyIds has 0 entries
  id as dan

api PATCH /v1/workspaces
  {"isCompaniesEnabled": true}
=> 200
api GET /v1/clients/{ann}
=> 200
  companyIds has 2 entries
api GET /v1/clients/{dan}
=> 200
  companyIds has 1 entry
  companyId as dans
api GET /v1/companies/{dans}
=> 200
  isPlaceholder = true
  name = "Dan Lee"
foyer check --data DATA
=> 0

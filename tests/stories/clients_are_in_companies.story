# A client is in several companies with a role in each; leaving one leaves both; placeholders come and go
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
api POST /v1/clients?sendInvite=true
  {"givenName": "Ann", "familyName": "Lee", "email": "ann@example.com"}
=> 200
  companyId as placeholder
  id as ann
mail to ann@example.com
  link as invite
ann POST {invite}
  password=a ladder of wet moss
=> 303
api GET /v1/companies?isPlaceholder=true
=> 200
  data has 1 entry
  data.0.name = "Ann Lee"

# in the first company the placeholder is left, and goes
api PUT /v1/clients/{ann}/companies/{acme}
  {"role": "admin"}
=> 200
  role = "admin"
  companyName = "Acme"
api GET /v1/clients/{ann}
=> 200
  companyIds has 1 entry
  companyId = "{acme}"
api GET /v1/companies/{placeholder}
=> 404
api PUT /v1/clients/{ann}/companies/{bikes}
=> 200
  role = "member"
api PUT /v1/clients/{ann}/companies/{bikes}
  {"role": "Viewer"}
=> 400
  errors.0.field = "role"
api PUT /v1/clients/{ann}/companies/{bikes}
  {"role": "viewer"}
=> 200
api PUT /v1/clients/{ann}/companies/{bikes}
  {}
=> 200
  role = "viewer"
api GET /v1/clients/{ann}/companies
=> 200
  data has 2 entries
  data.0.role = "admin"
  data.1.role = "viewer"
api GET /v1/clients?companyIds={acme}&companyIds={bikes}
=> 200
  data has 1 entry
api GET /v1/clients?companyId={bikes}
=> 200
  data.0.id = "{ann}"
no more mail to ann@example.com

# a fault is told where it stands, and what was probably meant
api POST /v1/clients
  {"givenName": "Zoe", "familyName": "Lee", "email": "zoe@example.com", "companyId": "01900000-0000-7000-8000-000000000000"}
=> 400
  errors has 1 entry
  errors.0.field = "companyId"
  errors.0.code = "not_found"
api POST /v1/clients
  {"givenName": "Zoe", "familyName": "Lee", "mail": "zoe@example.com"}
=> 400
  errors.0.field = "mail"
  errors.0.message ~ Did you mean `email`?
api GET /v1/clients?familyname=Lee&limits=5
=> 400
  errors.0.message ~ Did you mean `familyName`?
  errors.1.message ~ Did you mean `limit`?

# the other way round, by companyIds; twice the same is once
api PATCH /v1/clients/{ann}
  {"companyIds": ["{bikes}", "{acme}", "{bikes}"]}
=> 200
  companyIds has 2 entries
  companyId = "{bikes}"
api GET /v1/clients/{ann}/companies/{acme}
=> 200
  role = "admin"

# she reads her companies; as admin of Acme she changes what it says of itself, and not of Bikes
ann GET /v1/companies
=> 200
  data has 2 entries
ann GET /v1/clients/{ann}/companies
=> 200
  data has 2 entries
ann PATCH /v1/companies/{acme}
  {"website": "https://acme.example"}
=> 200
ann PATCH /v1/companies/{acme}
  {"name": "Anne's"}
=> 403
ann PATCH /v1/companies/{bikes}
  {"website": "https://bikes.example"}
=> 403
ann PUT /v1/clients/{ann}/companies/{bikes}
  {"role": "admin"}
=> 403
ann POST /v1/companies
  {"name": "Mine"}
=> 403

api DELETE /v1/clients/{ann}/companies/{bikes}
=> 200
  deleted = true
api DELETE /v1/clients/{ann}/companies/{bikes}
=> 200
ann GET /v1/companies/{bikes}
=> 404
api GET /v1/companies/{bikes}
=> 200

# without any other she gets a placeholder again; that one cannot be left
api DELETE /v1/companies/{acme}
=> 200
api GET /v1/clients/{ann}
=> 200
  companyIds has 1 entry
  companyId as placeholder
api GET /v1/companies/{placeholder}
=> 200
  isPlaceholder = true
  name = "Ann Lee"
api DELETE /v1/clients/{ann}/companies/{placeholder}
=> 422
  code = "only_placeholder"

# a placeholder that is renamed is a company; one that somebody changed stays when it is empty
api PATCH /v1/companies/{placeholder}
  {"tags": ["vip"]}
=> 200
  isPlaceholder = true
api PATCH /v1/companies/{placeholder}
  {"name": "Lee & Lee"}
=> 200
  isPlaceholder = false
api POST /v1/companies
  {"name": "lee & lee"}
=> 409
api POST /v1/clients
  {"givenName": "Bob", "familyName": "Lee", "email": "bob@example.com"}
=> 200
  id as bob
  companyId as bobs
api PATCH /v1/companies/{bobs}
  {"description": "to be called"}
=> 200
api PATCH /v1/clients/{bob}
  {"companyId": "{bikes}"}
=> 200
api GET /v1/companies/{bobs}
=> 200
api POST /v1/clients
  {"givenName": "Cid", "familyName": "Lee", "email": "cid@example.com"}
=> 200
  id as cid
  companyId as cids
api DELETE /v1/clients/{cid}
=> 200
api GET /v1/companies/{cids}
=> 404

# who has no company and names none keeps his placeholder
api POST /v1/clients
  {"givenName": "Dan", "familyName": "Lee", "email": "dan@example.com"}
=> 200
  id as dan
  companyId as dans
api PUT /v1/clients/{dan}
  {"givenName": "Dan", "familyName": "Leeds"}
=> 200
  companyId = "{dans}"
api PATCH /v1/clients/{dan}
  {"companyIds": []}
=> 200
  companyId = "{dans}"

# nothing that is not here can be named
api PUT /v1/clients/{ann}/companies/01900000-0000-7000-8000-000000000000
  {"role": "admin"}
=> 404
api PUT /v1/clients/{ann}/companies/nonsense
  {"role": "admin"}
=> 404
api PUT /v1/clients/01900000-0000-7000-8000-000000000000/companies/{bikes}
  {"role": "admin"}
=> 404
api GET /v1/clients?companyIds=nonsense
=> 200
  data has 0 entries
foyer check --data DATA
=> 0

# Staff that is limited to some companies meets no others on any road
proves: A6, A4

workspace "Rocket Agency" owned by owner@example.com with the demo

api GET /v1/clients?givenName=Jane
=> 200
  data.0.companyId as rockets
  data.0.id as jane
api POST /v1/clients?sendInvite=true
  {"givenName": "Ann", "familyName": "Lee", "email": "ann@example.com"}
=> 200
  companyId as other
  id as ann
api PATCH /v1/clients/{jane}
  {"companyIds": ["{other}", "{rockets}"]}
=> 200
  companyIds has 2 entries
mail to ann@example.com
api GET /v1/invites?clientId={ann}
=> 200
  data.0.id as invite

api POST /v1/roles
  {"name": "Lead", "permissions": ["view_clients", "create_clients", "edit_clients", "invite_clients", "view_staff", "manage_staff", "manage_api_keys", "view_audit"]}
=> 200
  id as lead
api POST /v1/internal-users
  {"givenName": "Lim", "familyName": "Ited", "email": "lim@example.com", "role": "Lead", "companyAccessList": ["{rockets}"]}
=> 400
  errors.0.code = "not_limited"
api POST /v1/internal-users
  {"givenName": "Lim", "familyName": "Ited", "email": "lim@example.com", "role": "Lead", "isClientAccessLimited": true, "companyAccessList": ["01900000-0000-7000-8000-000000000000"]}
=> 400
  errors.0.code = "not_found"
api POST /v1/internal-users?sendInvite=true
  {"givenName": "Lim", "familyName": "Ited", "email": "lim@example.com", "role": "Lead", "isClientAccessLimited": true, "companyAccessList": ["{rockets}"]}
=> 200
  companyAccessList has 1 entry
  id as lim
mail to lim@example.com
  link as link
lim POST {link}
  password=a ladder of wet moss
=> 303

# Lists, counts, search, filters, single reads
lim GET /v1/clients?count=true
=> 200
  count = 2
lim GET /v1/clients?q=Ann
=> 200
  data has 0 entries
lim GET /v1/clients?companyId={other}
=> 200
  data has 0 entries
lim GET /v1/clients?companyId={rockets}
=> 200
  data has 2 entries
lim GET /v1/clients/{ann}
=> 404
  all as missing
lim GET /v1/clients/01900000-0000-7000-8000-000000000000
=> 404
  all = {missing}
lim PATCH /v1/clients/{ann}
  {"givenName": "Anna"}
=> 404
lim GET /v1/invites
=> 200
  data has 1 entry
  data.0.internalUserId = "{lim}"
lim GET /v1/invites/{invite}
=> 404
lim GET /v1/invites/{invite}/link
=> 404
lim POST /v1/invites
  {"clientIds": ["{ann}"]}
=> 200
  data.0.ok = false
  data.0.code = "not_found"
lim GET /v1/audit
=> 200
  data has 0 entries
lim POST /v1/policies/explain
  {"action": "client.read", "targetId": "{ann}", "as": "owner@example.com"}
=> 403

# Of a client that is in two companies the other one does not show, and stays
lim GET /v1/clients/{jane}
=> 200
  companyIds has 1 entry
  companyId = "{rockets}"
lim PATCH /v1/clients/{jane}
  {"companyIds": ["{rockets}"], "phone": "+43 1 2345"}
=> 200
  companyIds has 1 entry
api GET /v1/clients/{jane}
=> 200
  companyIds has 2 entries

# Companies in bodies: a foreign one answers as a missing one
lim PATCH /v1/clients/{jane}
  {"companyIds": ["{rockets}", "{other}"]}
=> 403
  all as foreign
lim PATCH /v1/clients/{jane}
  {"companyIds": ["{rockets}", "01900000-0000-7000-8000-000000000000"]}
=> 403
  all = {foreign}
lim PATCH /v1/clients/{jane}
  {"companyId": null}
=> 403
lim PATCH /v1/clients/{jane}
  {"companyIds": []}
=> 403
lim POST /v1/clients
  {"givenName": "New", "familyName": "One", "email": "new@example.com"}
=> 403
  code = "company_not_yours"
lim POST /v1/clients
  {"givenName": "New", "familyName": "One", "email": "new@example.com", "companyId": "{rockets}"}
=> 200

# Staff that he makes sees no more than he does
lim POST /v1/internal-users
  {"givenName": "Sub", "familyName": "One", "email": "sub@example.com", "role": "Lead"}
=> 403
  code = "company_not_yours"
  message ~ beyond the companies that you look after
lim POST /v1/internal-users
  {"givenName": "Sub", "familyName": "One", "email": "sub@example.com", "role": "Lead", "isClientAccessLimited": true, "companyAccessList": ["{rockets}", "{other}"]}
=> 403
lim POST /v1/internal-users
  {"givenName": "Sub", "familyName": "One", "email": "sub@example.com", "role": "Lead", "isClientAccessLimited": true, "companyAccessList": ["{rockets}"]}
=> 200
  id as sub
lim PATCH /v1/internal-users/{sub}
  {"isClientAccessLimited": false}
=> 403
lim PATCH /v1/internal-users/{lim}
  {"isClientAccessLimited": false}
=> 403
lim PATCH /v1/roles/{lead}
  {"permissions": ["view_clients"]}
=> 403
  code = "limited"

# Of a colleague's companies, and of his key's, the others do not show
api POST /v1/internal-users
  {"givenName": "Col", "familyName": "League", "email": "col@example.com", "role": "Lead", "isClientAccessLimited": true, "companyAccessList": ["{rockets}", "{other}"]}
=> 200
  companyAccessList has 2 entries
  id as col
api POST /v1/api-keys
  {"name": "col's", "internalUserId": "{col}"}
=> 200
  id as cols
lim GET /v1/internal-users/{col}
=> 200
  companyAccessList has 1 entry
lim PATCH /v1/internal-users/{col}
  {"givenName": "Cole"}
=> 403
lim GET /v1/api-keys/{cols}
=> 200
  companyAccessList has 1 entry
lim DELETE /v1/api-keys/{cols}
=> 403
lim DELETE /v1/internal-users/{col}
=> 403

# A key that acts for him is limited as he is
lim POST /v1/api-keys
  {"name": "mine"}
=> 200
  isClientAccessLimited = true
  key as mine
lim POST /v1/api-keys
  {"name": "all", "internalUserId": null}
=> 403
nobody GET /v1/clients?count=true
  with X-API-Key: {mine}
=> 200
  count = 3
nobody GET /v1/clients/{ann}
  with X-API-Key: {mine}
=> 404

# His companies change: he signs in again, his key goes on with what he has now
api PATCH /v1/internal-users/{lim}
  {"companyAccessList": []}
=> 200
lim GET /v1/clients
=> 401
nobody GET /v1/clients?count=true
  with X-API-Key: {mine}
=> 200
  count = 0

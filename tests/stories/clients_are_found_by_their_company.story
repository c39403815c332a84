# A search finds clients by the names of their companies, too, and tells nobody of companies that he does not see
proves: P4, A6

workspace "Rocket Agency" owned by owner@example.com

api POST /v1/companies
  {"name": "Blüe Bikes AG"}
=> 200
  id as bikes
api POST /v1/companies
  {"name": "Red Rafts"}
=> 200
  id as rafts
api POST /v1/clients
  {"givenName": "Ann", "familyName": "Lee", "email": "ann@example.com", "companyId": "{bikes}"}
=> 200
  id as ann
api POST /v1/clients
  {"givenName": "Bob", "familyName": "Rafter", "email": "bob@bikes.example", "companyIds": ["{bikes}", "{rafts}"]}
=> 200
  id as bob
api POST /v1/clients
  {"givenName": "Cid", "familyName": "Lee", "email": "cid@example.com"}
=> 200
  id as cid
  companyId as alone

# whatever its case and accents, newest first, each client once
api GET /v1/clients?q=BLUE&count=true
=> 200
  count = 2
  data.0.id = "{bob}"
  data.1.id = "{ann}"
api GET /v1/clients?q=bikes&count=true
=> 200
  count = 2
  data has 2 entries
api GET /v1/clients?q=bikes%20ag&count=true
=> 200
  count = 2
api GET /v1/clients?q=bikes&limit=1
=> 200
  data has 1 entry
  data.0.id = "{bob}"
  nextToken as next
api GET /v1/clients?q=bikes&limit=1&nextToken={next}
=> 200
  data has 1 entry
  data.0.id = "{ann}"
  nextToken is absent
api GET /v1/clients?q=bikes&familyName=Lee&count=true
=> 200
  count = 1
  data.0.id = "{ann}"
api GET /v1/clients?q=blue%20rafts
=> 200
  data has 0 entries

# what changes is found at once
api PATCH /v1/companies/{bikes}
  {"name": "Green Gliders"}
=> 200
api GET /v1/clients?q=blue
=> 200
  data has 0 entries
api GET /v1/clients?q=gliders
=> 200
  data has 2 entries
api PATCH /v1/companies/{alone}
  {"name": "Yellow Yachts"}
=> 200
api GET /v1/clients?q=yachts
=> 200
  data has 1 entry
  data.0.id = "{cid}"
api DELETE /v1/companies/{alone}
=> 200
api GET /v1/clients?q=yachts
=> 200
  data has 0 entries
api DELETE /v1/clients/{ann}/companies/{bikes}
=> 200
api GET /v1/clients?q=gliders&count=true
=> 200
  count = 1

# a company that somebody does not see finds nobody for him
api POST /v1/internal-users?sendInvite=true
  {"givenName": "Lim", "familyName": "Ited", "email": "lim@example.com", "role": "Staff", "isClientAccessLimited": true, "companyAccessList": ["{rafts}"]}
=> 200
mail to lim@example.com
  link as link
lim POST {link}
  password=a ladder of wet moss
=> 303
lim GET /v1/clients?q=rafts&count=true
=> 200
  count = 1
  data.0.id = "{bob}"
lim GET /v1/clients?q=gliders&count=true
=> 200
  count = 0
  data has 0 entries

# nor does any where there are no companies
api PATCH /v1/workspaces
  {"isCompaniesEnabled": false}
=> 200
api GET /v1/clients?q=gliders&count=true
=> 200
  count = 0
foyer check --data DATA
=> 0

# Limited staff meets its companies, their members and channels alone, and leaves the others' in place
proves: A6, P4, C1, C3

workspace "Rocket Agency" owned by owner@example.com

# Rockets and Cars are Lim's, Bikes is not. Jane is in Bikes and Rockets, John in Rockets, Ann in Bikes.
api POST /v1/companies
  {"name": "Rockets"}
=> 200
  id as rockets
api POST /v1/companies
  {"name": "Cars"}
=> 200
  id as cars
api POST /v1/companies
  {"name": "Bikes"}
=> 200
  id as bikes
api POST /v1/clients
  {"givenName": "Jane", "familyName": "Doe", "email": "jane@example.com", "companyIds": ["{bikes}", "{rockets}"]}
=> 200
  id as jane
api POST /v1/clients
  {"givenName": "John", "familyName": "Doe", "email": "john@example.com", "companyIds": ["{rockets}"]}
=> 200
  id as john
api POST /v1/clients
  {"givenName": "Ann", "familyName": "Lee", "email": "ann@example.com", "companyIds": ["{bikes}"]}
=> 200
  id as ann
api PUT /v1/clients/{jane}/companies/{bikes}
  {"role": "billing"}
=> 200
api POST /v1/message-channels
  {"membershipType": "group", "companyId": "{bikes}", "memberIds": ["{jane}", "{ann}"]}
=> 200
  id as riders
api POST /v1/message-channels
  {"membershipType": "company", "companyId": "{bikes}"}
=> 200
  id as all_of_bikes
api POST /v1/message-channels
  {"membershipType": "company", "companyId": "{rockets}"}
=> 200
  id as all_of_rockets
api POST /v1/roles
  {"name": "Lead", "permissions": ["view_clients", "create_clients", "edit_clients", "delete_clients", "manage_client_organizations", "view_audit"]}
=> 200
api POST /v1/internal-users?sendInvite=true
  {"givenName": "Lim", "familyName": "Ited", "email": "lim@example.com", "role": "Lead", "isClientAccessLimited": true, "companyAccessList": ["{rockets}", "{cars}"]}
=> 200
mail to lim@example.com
  link as link
lim POST {link}
  password=a ladder of wet moss
=> 303

# Companies: lists, counts, search, filters, single reads, changes
lim GET /v1/companies?count=true&sort=name
=> 200
  count = 2
  data.0.id = "{cars}"
  data.1.id = "{rockets}"
lim GET /v1/companies?q=Bik
=> 200
  data has 0 entries
lim GET /v1/companies?name=Bikes&count=true
=> 200
  count = 0
lim GET /v1/companies/01900000-0000-7000-8000-000000000000
=> 404
  all as missing
lim GET /v1/companies/{bikes}
=> 404
  all = {missing}
lim PATCH /v1/companies/{bikes}
  {"description": "two wheels"}
=> 404
lim DELETE /v1/companies/{bikes}
=> 404
lim PATCH /v1/companies/{cars}
  {"description": "four wheels"}
=> 200
lim POST /v1/companies
  {"name": "Boats"}
=> 403
  code = "company_not_yours"
lim POST /v1/companies/{bikes}/delete-clients
=> 404
lim POST /v1/companies/{rockets}/move-clients
  {"companyId": "{bikes}"}
=> 400
  all as foreign
lim POST /v1/companies/{rockets}/move-clients
  {"companyId": "01900000-0000-7000-8000-000000000000"}
=> 400
  all = {foreign}

# A filter by a company that is not his finds nobody, not even those whom he sees
lim GET /v1/clients?companyId={bikes}&count=true
=> 200
  count = 0
lim GET /v1/clients?companyIds={bikes}&companyIds={cars}&count=true
=> 200
  count = 0
lim GET /v1/clients?companyIds={bikes}&companyIds={rockets}&count=true
=> 200
  count = 2
lim GET /v1/message-channels?companyId={bikes}&count=true
=> 200
  count = 0
lim GET /v1/message-channels?membershipEntityId={bikes}
=> 200
  data has 0 entries

# Memberships
lim GET /v1/clients/{jane}/companies
=> 200
  data has 1 entry
  data.0.companyId = "{rockets}"
lim GET /v1/clients/{jane}/companies/01900000-0000-7000-8000-000000000000
=> 404
  all as missing
lim GET /v1/clients/{jane}/companies/{bikes}
=> 404
  all = {missing}
lim PUT /v1/clients/{jane}/companies/{bikes}
  {"role": "admin"}
=> 404
lim DELETE /v1/clients/{jane}/companies/{bikes}
=> 404
lim DELETE /v1/clients/{jane}/companies/{rockets}
=> 403
  code = "company_not_yours"
lim GET /v1/clients/{ann}/companies
=> 404

# Whatever he changes of Jane, by each road, Bikes stays: in its place, with her role there
lim GET /v1/clients/{jane}
=> 200
  companyIds = ["{rockets}"]
  companyId = "{rockets}"
  header ETag as etag
lim PATCH /v1/clients/{jane}
  with If-Match: {etag}
  {"companyIds": ["{cars}", "{rockets}"]}
=> 200
  companyIds = ["{cars}", "{rockets}"]
  companyId = "{cars}"
api GET /v1/clients/{jane}
=> 200
  companyIds = ["{bikes}", "{cars}", "{rockets}"]

# taken out of one of his, she stays in another, and in Bikes
lim DELETE /v1/clients/{jane}/companies/{cars}
=> 200
  deleted = true
lim GET /v1/clients/{jane}
=> 200
  companyIds = ["{rockets}"]
api GET /v1/clients/{jane}
=> 200
  companyIds = ["{bikes}", "{rockets}"]
lim DELETE /v1/clients/{jane}/companies/{rockets}
=> 403
  code = "company_not_yours"
lim DELETE /v1/clients/{john}/companies/{rockets}
=> 403
  code = "company_not_yours"
api GET /v1/clients/{john}
=> 200
  companyIds = ["{rockets}"]
lim PATCH /v1/clients/{jane}
  {"companyId": "{cars}"}
=> 200
lim PATCH /v1/clients/{jane}
  {"companyId": "{rockets}"}
=> 200
  companyIds = ["{rockets}"]
api GET /v1/clients/{jane}
=> 200
  companyIds = ["{bikes}", "{rockets}"]
lim PUT /v1/clients/{jane}
  {"givenName": "Jane", "familyName": "Doe", "email": "jane@example.com", "companyIds": ["{cars}"]}
=> 200
  companyIds = ["{cars}"]
api GET /v1/clients/{jane}
=> 200
  companyIds = ["{bikes}", "{cars}"]
lim PUT /v1/clients/{jane}
  {"givenName": "Jane", "familyName": "Doe", "email": "jane@example.com"}
=> 403
  code = "company_not_yours"
lim PUT /v1/clients/{jane}/companies/{rockets}
  {"role": "admin"}
=> 200
  role = "admin"
lim GET /v1/clients/{jane}/companies
=> 200
  data has 2 entries
api GET /v1/clients/{jane}
=> 200
  companyIds = ["{bikes}", "{cars}", "{rockets}"]
lim POST /v1/companies/{rockets}/move-clients
  {"companyId": "{cars}"}
=> 200
lim GET /v1/clients?companyId={cars}&count=true
=> 200
  count = 2
api GET /v1/clients/{jane}
=> 200
  companyIds = ["{bikes}", "{cars}"]
lim POST /v1/companies/{cars}/move-clients
  {"companyId": "{rockets}"}
=> 200
api GET /v1/clients/{jane}
=> 200
  companyIds = ["{bikes}", "{rockets}"]
api GET /v1/clients/{jane}/companies/{bikes}
=> 200
  role = "billing"
lim PATCH /v1/clients/{jane}
  {"companyIds": ["{bikes}", "{rockets}"]}
=> 403
  all as foreign
lim PATCH /v1/clients/{jane}
  {"companyIds": ["01900000-0000-7000-8000-000000000000", "{rockets}"]}
=> 403
  all = {foreign}

# Channels: those of his companies and of his clients
lim GET /v1/message-channels?count=true
=> 200
  count = 3
lim GET /v1/message-channels?memberId={jane}
=> 200
  data has 2 entries
lim GET /v1/message-channels?membershipType=group
=> 200
  data has 0 entries
lim GET /v1/message-channels/{all_of_rockets}
=> 200
  memberCount = 2
lim GET /v1/message-channels/01900000-0000-7000-8000-000000000000
=> 404
  all as missing
lim GET /v1/message-channels/{riders}
=> 404
  all = {missing}
lim GET /v1/message-channels/{all_of_bikes}
=> 404
lim PATCH /v1/message-channels/{riders}
  {"memberIds": ["{jane}", "{john}"]}
=> 404
lim DELETE /v1/message-channels/{riders}
=> 404

# What he makes is of whom he sees; Jane and John share Rockets, and nothing else that he knows of
api PUT /v1/clients/{john}/companies/{bikes}
=> 200
lim POST /v1/message-channels
  {"membershipType": "group", "memberIds": ["{jane}", "{john}"]}
=> 200
  companyId = "{rockets}"
  id as crew
api POST /v1/message-channels
  {"membershipType": "group", "memberIds": ["{jane}", "{john}"]}
=> 422
  errors.0.code = "company_ambiguous"
lim POST /v1/message-channels
  {"membershipType": "group", "companyId": "{bikes}", "memberIds": ["{jane}", "{john}"]}
=> 400
  all as foreign
lim POST /v1/message-channels
  {"membershipType": "group", "companyId": "01900000-0000-7000-8000-000000000000", "memberIds": ["{jane}", "{john}"]}
=> 400
  all = {foreign}
lim POST /v1/message-channels
  {"membershipType": "company", "companyId": "{bikes}"}
=> 400
  errors.0.code = "not_found"
lim POST /v1/message-channels
  {"membershipType": "individual", "clientId": "{ann}"}
=> 400
  errors.0.code = "not_found"
lim PATCH /v1/message-channels/{crew}
  {"memberIds": ["{jane}", "{john}", "{ann}"]}
=> 400
  errors.0.field = "memberIds"
  errors.0.code = "not_found"
lim POST /v1/message-channels
  {"membershipType": "individual", "clientId": "{jane}"}
=> 200
  companyId = null

# Who leaves his companies is gone for him, and the groups of Bikes go on
lim PATCH /v1/clients/{jane}
  {"companyIds": ["{cars}"]}
=> 200
lim GET /v1/message-channels/{crew}
=> 200
  memberIds = ["{john}"]
api GET /v1/message-channels/{riders}
=> 200
  memberCount = 2
api PATCH /v1/clients/{jane}
  {"companyIds": ["{bikes}"]}
=> 200
lim GET /v1/clients/{jane}
=> 404
lim GET /v1/message-channels?memberId={jane}
=> 200
  data has 0 entries
lim GET /v1/operations
=> 200
  data has 0 entries
lim DELETE /v1/message-channels/{crew}
=> 200
foyer check --data DATA
=> 0

# A company is created, read, listed, searched, changed, cleared, deleted
proves: P9

workspace "Rocket Agency" owned by owner@example.com

api POST /v1/companies
  {"name": "Acmé Rockets", "website": "https://acme.example", "tags": ["vip"], "description": "Rockets.\nAnd more."}
  with Idempotency-Key: acme-1
=> 200
  object = "company"
  isPlaceholder = false
  website = "https://acme.example"
  iconImageUrl = null
  fallbackColor ~ #
  customFields = {}
  id as acme
api POST /v1/companies
  {"name": "Acmé Rockets", "website": "https://acme.example", "tags": ["vip"], "description": "Rockets.\nAnd more."}
  with Idempotency-Key: acme-1
=> 200
  id = "{acme}"

api POST /v1/companies
  {"name": "ACME rockets"}
=> 409
  errors.0.field = "name"
  errors.0.code = "name_taken"
api POST /v1/companies
  {"name": "Ac\u200bme Rockets"}
=> 409
api POST /v1/companies
  {"name": "a"}
=> 400
  errors.0.field = "name"
api POST /v1/companies
  {"name": "a\u200b\u200b"}
=> 400
  errors.0.code = "too_short"
api POST /v1/companies
  {"name": "Bikes", "iconImageUrl": "no picture", "fallbackColor": "red", "colour": "red", "accountManagerId": "01900000-0000-7000-8000-000000000000"}
=> 400
  errors has 3 entries
api POST /v1/companies
  {"name": "Bikes", "accountManagerId": "01900000-0000-7000-8000-000000000000"}
=> 400
  errors.0.field = "accountManagerId"
  errors.0.code = "not_found"
api POST /v1/companies
  {"name": "Bikes", "iconImageUrl": "https://bikes.example/icon.png", "fallbackColor": "#9BBFFF"}
=> 200
  iconImageUrl = "https://bikes.example/icon.png"
  id as bikes

api GET /v1/companies?sort=name&count=true
=> 200
  data.0.id = "{acme}"
  data.1.id = "{bikes}"
  count = 2
api GET /v1/companies?limit=1
=> 200
  data.0.id = "{bikes}"
  nextToken as next
api GET /v1/companies?limit=1&nextToken={next}
=> 200
  data.0.id = "{acme}"
  nextToken is absent
api GET /v1/companies?q=rock%20ACME&count=true
=> 200
  data has 1 entry
  count = 1
api GET /v1/companies?name=Bikes&isPlaceholder=false
=> 200
  data.0.id = "{bikes}"
api GET /v1/companies?name=bikes
=> 200
  data has 0 entries
api GET /v1/companies?isPlaceholder=maybe
=> 400
  errors.0.field = "isPlaceholder"

api POST /v1/custom-fields
  {"entityType": "company", "name": "Size", "type": "number"}
=> 200
api PATCH /v1/companies/{acme}
  {"name": "Acme Rockets Ltd", "customFields": "{\"size\": 7}"}
=> 200
  name = "Acme Rockets Ltd"
  customFields.size = 7
  description ~ And more
api PATCH /v1/companies/{acme}
  {"customFields": {"size": "seven", "length": 1}}
=> 400
  errors has 2 entries
api PATCH /v1/companies/{acme}
  {"name": "bikes"}
=> 409
api GET /v1/companies/{acme}
=> 200
  header ETag as etag
api PATCH /v1/companies/{acme}
  {"address": "1 Launch Pad"}
  with If-Match: {etag}
=> 200
api PATCH /v1/companies/{acme}
  {"address": "2 Launch Pad"}
  with If-Match: {etag}
=> 412
api PUT /v1/companies/{acme}
  {"name": "Acme"}
=> 200
  website = null
  tags has 0 entries
  customFields = {}

5 times at once api POST /v1/companies => 1 of 200, 4 of 409
  {"name": "Cars"}
write scripts/names.lua
local foyer = require("foyer")

foyer.filter("company.create", function(_, company)
  if foyer.text.ends(company.name, "GmbH") then
    return foyer.reject("no_forms", "Leave the legal form out.", { field = "name" })
  end
  return { tags = { "new" } }
end)
foyer.filter("company.delete", function(_, company)
  if company.name == "Bikes" then return foyer.reject("kept", "Bikes stays.") end
end)
end of file
api POST /v1/plugins/reload
=> 200
api POST /v1/companies
  {"name": "Dogs GmbH"}
=> 422
  errors.0.code = "no_forms"
  errors.0.field = "name"
api POST /v1/companies
  {"name": "Dogs"}
=> 200
  tags.0 = "new"
api DELETE /v1/companies/{bikes}
=> 422
remove scripts/names.lua

api POST /v1/clients
  {"givenName": "Zoe", "familyName": "Lee", "email": "zoe@example.com", "companyId": "{acme}"}
=> 200
  id as zoe
api DELETE /v1/companies/{acme}
=> 200
  id = "{acme}"
  object = "company"
  deleted = true
api GET /v1/companies/{acme}
=> 404
api POST /v1/clients
  {"givenName": "Ann", "familyName": "Lee", "email": "ann@example.com", "companyIds": ["{bikes}", "{acme}"]}
=> 400
  errors.0.field = "companyIds"
  errors.0.code = "not_found"
api GET /v1/audit?action=company.delete
=> 200
  data.0.action = "company.delete"

# whoever followed is audited, too
api GET /v1/audit?entityId={zoe}&action=client.update
=> 200
  data has 1 entry
  data.0.detail.before.companyId = "{acme}"
  data.0.detail.after.companyId != "{acme}"

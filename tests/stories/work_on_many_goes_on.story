# Work on more than 100 clients goes on after its request, says how far it is, and can be cancelled
proves: O1, O2, P10

workspace "Rocket Agency" owned by owner@example.com
api PATCH /v1/workspaces
  {"isEmailRequired": false}
=> 200

api POST /v1/companies
  {"name": "Acme"}
=> 200
  id as acme
api POST /v1/companies
  {"name": "Bikes"}
=> 200
  id as bikes
3 times at once api POST /v1/clients => 3 of 200
  {"givenName": "Ann", "familyName": "Lee", "companyId": "{acme}"}

api POST /v1/companies/{acme}/move-clients
  {"companyId": "{bikes}"}
=> 200
  object = "verdicts"
  data has 3 entries
  data.0.ok = true
  data.0.number = 1
api GET /v1/clients?companyId={bikes}&count=true
=> 200
  count = 3
api POST /v1/companies/{bikes}/delete-clients
=> 200
  data has 3 entries
api POST /v1/companies/{bikes}/delete-clients
=> 200
  data has 0 entries

api POST /v1/companies/{acme}/move-clients
=> 400
  errors.0.field = "companyId"
api POST /v1/companies/{acme}/move-clients
  {"companyId": "{acme}"}
=> 400
  errors.0.code = "same_company"
api POST /v1/companies/{acme}/move-clients
  {"companyId": "01900000-0000-7000-8000-000000000000"}
=> 400
  errors.0.code = "not_found"
api POST /v1/companies/{acme}/move-clients
  {"companyId": "{bikes}", "role": "admin"}
=> 400
  errors.0.field = "role"
api POST /v1/companies/{acme}/delete-clients
  {"clientIds": []}
=> 400
  errors.0.field = "clientIds"
api POST /v1/companies/01900000-0000-7000-8000-000000000000/delete-clients
=> 404
nobody POST /v1/companies/{acme}/delete-clients
=> 401

110 times at once api POST /v1/clients => 110 of 200
  {"givenName": "Bob", "familyName": "Ray", "companyId": "{acme}"}
api POST /v1/companies/{acme}/move-clients
  {"companyId": "{bikes}"}
  with Idempotency-Key: move-1
=> 202
  object = "operation"
  kind = "company.move_clients"
  subjectId = "{acme}"
  total = 110
  url ~ /v1/operations/
  header Location ~ /v1/operations/
  header Retry-After = 1
  id as moving
api POST /v1/companies/{acme}/move-clients
  {"companyId": "{bikes}"}
  with Idempotency-Key: move-1
=> 202
  id = "{moving}"
api GET /v1/operations/{moving} until "status":"done"
=> 200
  status = "done"
  done = 110
  failed = 0
  startedAt != null
  endedAt != null
api GET /v1/operations/{moving}/verdicts?limit=2&sort=number&count=true
=> 200
  data.0.number = 1
  data.1.ok = true
  count = 110
  nextToken as next
api GET /v1/operations/{moving}/verdicts?limit=2&sort=number&nextToken={next}
=> 200
  data.0.number = 3
api GET /v1/operations/{moving}/verdicts?ok=false
=> 200
  data has 0 entries
api GET /v1/clients?companyId={bikes}&count=true&limit=1
=> 200
  count = 110
api POST /v1/operations/{moving}/cancel
=> 409
  code = "operation_over"
api GET /v1/operations?status=done&kind=company.move_clients
=> 200
  data has 1 entry
api GET /v1/operations?status=lost
=> 400
api GET /v1/operations/01900000-0000-7000-8000-000000000000
=> 404

api DELETE /v1/companies/{bikes}
=> 202
  kind = "company.delete"
  id as deleting
api GET /v1/operations/{deleting} until "status":"done"
=> 200
  status = "done"
  total = 110
api GET /v1/companies/{bikes}
=> 404
api GET /v1/companies?isPlaceholder=true&count=true&limit=1
=> 200
  count = 110
api GET /v1/audit?action=client.update&count=true&limit=1
=> 200
  count = 223
  data.0.entity = "client"
  data.0.detail.before.companyId = "{bikes}"
  data.0.detail.after.companyId != "{bikes}"
api GET /v1/audit?action=company.delete
=> 200
  data has 1 entry
  data.0.entityId = "{bikes}"

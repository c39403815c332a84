# An archived client is found in the archive and comes back with its history
proves: P3, P5, A1

workspace "Rocket Agency" owned by owner@example.com

api POST /v1/companies
  {"name": "Lee and Daughters"}
=> 200
  id as company
api POST /v1/clients?sendInvite=true
  {"givenName": "Ann", "familyName": "Lee", "email": "ann@example.com", "tags": ["vip"], "companyId": "{company}"}
=> 200
  id as ann
  archivedAt is absent
api GET /v1/message-channels?clientId={ann}
=> 200
  data.0.id as channel
mail to ann@example.com
  link as invite
ann POST {invite}
  password=a ladder of wet moss
=> 303
api POST /v1/clients/{ann}/restore
=> 409
  code = "not_archived"
api DELETE /v1/clients/{ann}
=> 200

# The archive is a list of its own.
api GET /v1/clients?count=true
=> 200
  count = 0
api GET /v1/clients?archived=true&count=true
=> 200
  count = 1
  data.0.id = "{ann}"
  data.0.archivedAt != null
  data.0.status = "active"
api GET /v1/clients?archived=true&email=ANN@example.com
=> 200
  data has 1 entry
api GET /v1/clients?archived=true&companyId={company}
=> 200
  data has 1 entry
api GET /v1/clients?archived=true&q=ann
=> 400
  errors.0.code = "no_search"
api GET /v1/clients?archived=true&sort=givenName
=> 400
  errors.0.code = "unknown_sort"
api GET /v1/clients?archived=perhaps
=> 400
  errors.0.field = "archived"
ann GET /v1/clients?archived=true
=> 401

# It comes back as it was, and is found again; sessions stay ended.
api POST /v1/clients/{ann}/restore
  with Idempotency-Key: back
=> 200
  id = "{ann}"
  status = "active"
  tags = ["vip"]
  companyId = "{company}"
  archivedAt is absent
api POST /v1/clients/{ann}/restore
  with Idempotency-Key: back
=> 200
  id = "{ann}"
api GET /v1/clients?q=ann
=> 200
  data has 1 entry
api GET /v1/clients?archived=true
=> 200
  data has 0 entries
api GET /v1/message-channels?clientId={ann}
=> 200
  data has 1 entry
  data.0.id = "{channel}"
ann GET /v1/me
=> 401
nobody POST /v1/auth/login
  {"email": "ann@example.com", "password": "a ladder of wet moss"}
=> 200
api GET /v1/audit?action=client.restore
=> 200
  data has 1 entry

# Its address may belong to somebody else meanwhile: then another one is given.
api DELETE /v1/clients/{ann}
=> 200
api POST /v1/clients?sendInvite=true
  {"givenName": "Anna", "familyName": "Lee", "email": "Ann@example.com"}
=> 200
  id as anna
api POST /v1/clients/{ann}/restore
=> 409
  code = "conflict"
  errors.0.field = "email"
  errors.0.code = "email_taken"
api POST /v1/clients/{ann}/restore
  {"email": "old.ann@example.com", "phone": "1"}
=> 400
  errors.0.field = "phone"
mail to ann@example.com
  link as invite
anna POST {invite}
  password=another ladder of moss
=> 303

# Whoever signs in by that login is Anna now: the one who comes back must be invited again.
api POST /v1/clients/{ann}/restore
  {"email": "old.ann@example.com"}
=> 200
  email = "old.ann@example.com"
  status = "notInvited"
anna GET /v1/me
=> 200
  client.id = "{anna}"

# A company that is gone meanwhile gives way to a placeholder.
api DELETE /v1/clients/{ann}
=> 200
api DELETE /v1/companies/{company}
=> 200
api POST /v1/clients/{ann}/restore
=> 200
  companyIds has 1 entry
  companyId != "{company}"

# An id that is nobody's, and one of somebody who is gone for good, answer alike.
api POST /v1/clients/018f0000-0000-7000-8000-000000000001/restore
=> 404
  code = "not_found"

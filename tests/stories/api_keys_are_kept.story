# API keys are told once, stay within their scopes and their owner, and are dead at once when revoked
proves: A8

workspace "Rocket Agency" owned by owner@example.com

api POST /v1/api-keys
  {"name": "reads", "scopes": ["view_clients", "view_clients"]}
  with Idempotency-Key: k
=> 200
  object = "apiKey"
  scopes has 1 entry
  isOwner = false
  header Cache-Control = no-store
  key as reads
  id as id
api POST /v1/api-keys
  {"name": "reads", "scopes": ["view_clients", "view_clients"]}
  with Idempotency-Key: k
=> 409
  code = "already_done"
  id = "{id}"
api GET /v1/api-keys/{id}
=> 200
  key is absent
nobody GET /v1/clients
  with X-API-Key: {reads}
=> 200
nobody POST /v1/clients
  with X-API-Key: {reads}
  {"givenName": "Ann", "familyName": "Lee", "email": "ann@example.com"}
=> 403
nobody GET /v1/api-keys
  with X-API-Key: {reads}
=> 200
  data has 1 entry
  data.0.id = "{id}"
nobody POST /v1/api-keys
  with X-API-Key: {reads}
  {"name": "more"}
=> 403
api PATCH /v1/api-keys/{id}
  {"scopes": ["view_clients", "create_clients"], "name": "makes"}
=> 200
  name = "makes"
nobody POST /v1/clients
  with X-API-Key: {reads}
  {"givenName": "Ann", "familyName": "Lee", "email": "ann@example.com"}
=> 200
api POST /v1/api-keys
  {"name": "", "scopes": ["fly"], "expiresAt": "2020-01-01T00:00:00Z"}
=> 400
  errors.0.field = "name"
api POST /v1/api-keys
  {"name": "late", "scopes": ["fly"], "expiresAt": "2020-01-01T00:00:00Z", "internalUserId": "01900000-0000-7000-8000-000000000000"}
=> 400
  errors has 3 entries
api DELETE /v1/api-keys/{id}
=> 200
  deleted = true
nobody GET /v1/clients
  with X-API-Key: {reads}
=> 401
  code = "unknown_api_key"
api GET /v1/api-keys/{id}
=> 404

# A key of somebody who goes goes with him; a key holds nobody to more than he has
api POST /v1/internal-users
  {"givenName": "Bob", "familyName": "Bay", "email": "bob@example.com", "role": "Staff"}
=> 200
  id as bob
api POST /v1/api-keys
  {"name": "bob's", "internalUserId": "{bob}", "scopes": ["view_clients", "edit_settings"]}
=> 200
  scopes has 2 entries
  permissions has 1 entry
  key as bobs
nobody GET /v1/clients
  with X-API-Key: {bobs}
=> 200
nobody PATCH /v1/workspaces
  with X-API-Key: {bobs}
  {"brandName": "Mine"}
=> 403
api DELETE /v1/internal-users/{bob}
=> 200
nobody GET /v1/clients
  with X-API-Key: {bobs}
=> 401
api GET /v1/api-keys?internalUserId={bob}
=> 200
  data has 0 entries

# An expired one is dead, and can be made to live longer
api POST /v1/api-keys
  {"name": "short", "internalUserId": null, "expiresAt": "2099-01-01T00:00:00Z"}
=> 200
  internalUserId = null
  key as short
nobody GET /v1/clients
  with X-API-Key: {short}
=> 200

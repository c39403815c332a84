# Endpoints of webhooks are kept with their secret, which is told to whoever may know it
proves: X3

workspace "Rocket Agency" owned by owner@example.com served with --outgoing-allow=127.0.0.1:8099

api GET /v1/webhook-events
=> 200
  data.4.name = "client.created"
api POST /v1/webhook-endpoints
  {"url": "https://hooks.example.com/foyer", "events": ["client.created", "company.*", "crm.paid"], "description": "The CRM"}
  with Idempotency-Key: k
=> 200
  object = "webhookEndpoint"
  status = "active"
  events has 3 entries
  secret ~ whsec_
  createdByType = "apiKey"
  header Cache-Control = no-store
  id as id
  secret as secret
api POST /v1/webhook-endpoints
  {"url": "https://hooks.example.com/foyer", "events": ["client.created", "company.*", "crm.paid"], "description": "The CRM"}
  with Idempotency-Key: k
=> 409
  code = "already_done"
  id = "{id}"
api GET /v1/webhook-endpoints/{id}
=> 200
  secret is absent
  description = "The CRM"
  header ETag as etag
api PATCH /v1/webhook-endpoints/{id}
  {"events": ["*"]}
  with If-Match: "other"
=> 412
api PATCH /v1/webhook-endpoints/{id}
  {"events": ["*"]}
  with If-Match: {etag}
=> 200
  events.0 = "*"
  url = "https://hooks.example.com/foyer"

# What can never be told, and where nothing can be sent
api POST /v1/webhook-endpoints
  {"url": "https://hooks.example.com", "events": ["client.creatd", "clients.*", "client.paid"]}
=> 400
  errors has 3 entries
  errors.0.field = "events.0"
  errors.0.message ~ Did you mean "client.created"?
  errors.1.message ~ Did you mean "client.*"?
  errors.2.message ~ GET /v1/webhook-events
api POST /v1/webhook-endpoints
  {"url": "https://hooks.example.com", "events": []}
=> 400
  errors.0.field = "events"
api POST /v1/webhook-endpoints
  {"url": "http://hooks.example.com/", "events": ["*"]}
=> 400
  errors.0.code = "https_required"
api POST /v1/webhook-endpoints
  {"url": "https://10.0.0.5/", "events": ["*"]}
=> 400
  errors.0.message ~ outgoing_allow
api POST /v1/webhook-endpoints
  {"url": "https://[::1]:8099/", "events": ["*"]}
=> 400
  errors.0.code = "address_refused"
api POST /v1/webhook-endpoints
  {"url": "https://me:secret@hooks.example.com/", "events": ["*"]}
=> 400
  errors.0.field = "url"
api POST /v1/webhook-endpoints
  {"url": "http://127.0.0.1:8099/hook", "events": ["*"]}
=> 200
  id as other

# Paused and resumed
api POST /v1/webhook-endpoints/{id}/pause
  {"reason": "We move to another host."}
=> 200
  status = "paused"
  pausedReason = "We move to another host."
api POST /v1/webhook-endpoints/{id}/pause
=> 200
  pausedReason = "We move to another host."
api GET /v1/webhook-endpoints?status=paused
=> 200
  data has 1 entry
  data.0.id = "{id}"
api POST /v1/webhook-endpoints/{id}/resume
=> 200
  status = "active"
  pausedAt = null

# The secret, and a new one
api GET /v1/webhook-endpoints/{id}/secret
=> 200
  secret = "{secret}"
  previousSecret = null
  header Cache-Control = no-store
api POST /v1/webhook-endpoints/{id}/rotate-secret
=> 200
  secret != "{secret}"
  previousSecret = "{secret}"
clock + 25 hours
api GET /v1/webhook-endpoints/{id}/secret
=> 200
  previousSecret = null
  secret != "{secret}"

api POST /v1/api-keys
  {"name": "settings", "scopes": ["view_settings", "edit_settings", "manage_plugins"]}
=> 200
  key as settings
nobody GET /v1/webhook-endpoints
  with X-API-Key: {settings}
=> 403
nobody GET /v1/webhook-endpoints/{id}/secret
  with X-API-Key: {settings}
=> 404

api DELETE /v1/webhook-endpoints/{id}
=> 200
  object = "webhookEndpoint"
  deleted = true
api GET /v1/webhook-endpoints/{id}
=> 404
api GET /v1/audit?limit=1
=> 200
  data.0.action = "webhook_endpoint.delete"
  data.0 !~ whsec_

# Without a good key nothing is answered, and errors say what to do
proves: A1

workspace "Rocket Agency" owned by owner@example.com

nobody GET /v1/clients
=> 401
  code = "unauthenticated"
  header Content-Type ~ application/problem+json
nobody GET /v1/clients
  with X-API-Key: foyer_nonsense
=> 401
  code = "unknown_api_key"
nobody GET /v1/clients
  with X-API-Key: {workspace}/{key}
=> 200
nobody GET /v1/clients
  with X-API-Key: {workspace}/{key}/some-token
=> 200
nobody GET /v1/clients
  with X-API-Key: 01900000-0000-7000-8000-000000000000/{key}
=> 401
nobody GET /v1/clients
  with Authorization: Bearer {key}
=> 200
api POST /v1/clients
  not json
=> 400
  code = "invalid_json"
nobody POST /v1/clients
  with Content-Type: text/plain
  with X-API-Key: {key}
  {"givenName": "Ann"}
=> 415
api GET /v1/nothing
=> 404
api DELETE /v1/clients
=> 405
  header Allow ~ GET
api GET /v1/workspaces
=> 200
  brandName = "Rocket Agency"
  labels.groupTerm = "company"
api GET /v1/internal-users
=> 200
  data has 1 entry
  data.0.email = "owner@example.com"
  data.0.role = "Owner"
nobody GET /healthz
=> 200
nobody GET /openapi.json
=> 200
  openapi = "3.1.0"

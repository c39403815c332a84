# A repeated request with the same Idempotency-Key is done once
proves: P2

workspace "Rocket Agency" owned by owner@example.com

api POST /v1/clients
  {"givenName": "Ann", "familyName": "Lee", "email": "ann@example.com"}
  with Idempotency-Key: first
=> 200
  id as ann
api POST /v1/clients
  {"givenName": "Ann", "familyName": "Lee", "email": "ann@example.com"}
  with Idempotency-Key: first
=> 200
  id = "{ann}"
  header Idempotency-Replayed = true
api POST /v1/clients
  {"givenName": "Ann", "familyName": "Other", "email": "ann2@example.com"}
  with Idempotency-Key: first
=> 409
  code = "idempotency_key_reused"
api GET /v1/clients?count=true
=> 200
  count = 1

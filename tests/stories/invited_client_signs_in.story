# An invited client opens her link, sets a password and is signed in
proves: P1, S1, S3, S7, S9, S10

workspace "Rocket Agency" owned by owner@example.com

api POST /v1/clients?sendInvite=true
  {"givenName": "Ann", "familyName": "Lee", "email": "Ann@Example.com", "customFields": {}}
=> 200
  object = "client"
  status = "invited"
  email = "Ann@Example.com"
  creationMethod = "internalUser"
  firstLoginDate = null
  inviteUrl ~ /invite/
  id as ann

mail to ann@example.com
  subject ~ Rocket Agency
  from ~ Rocket Agency
  text ~ Ann
  link as invite

nobody HEAD {invite}
=> 200
nobody GET {invite}
=> 200
  page has "Welcome, Ann"
  page has "Rocket Agency"
  header Content-Security-Policy ~ default-src 'none'
  header Referrer-Policy = no-referrer
nobody GET {invite}
=> 200

ann POST {invite}
  password=short
=> 422
  page has "At least 12 characters"
  page has "Use at least 12 characters"

ann POST {invite}
  password=a ladder of wet moss
=> 303
  header Location = /
  header Set-Cookie ~ HttpOnly

ann GET /
=> 200
  page has "Rocket Agency"
  page has "Hello, Ann"

ann GET /v1/me
=> 200
  kind = "client"
  client.id = "{ann}"
  client.status = "active"
  workspace.brandName = "Rocket Agency"

api GET /v1/clients/{ann}
=> 200
  status = "active"
  inviteUrl = null
  firstLoginDate ~ Z

nobody GET {invite}
=> 410
  page has "used already"
nobody POST {invite}
  password=another ladder of moss
=> 410

ann POST /sign-out
=> 303
  header Location = /sign-in
ann GET /v1/me
=> 401
ann POST /sign-in
  email=ann@example.com
  password=a ladder of wet moss
=> 303
ann GET /v1/me
=> 200

# A member of staff is created, invited, comes, is changed and removed; the address is free again
proves: A3, S3, S7, S9, S10

workspace "Rocket Agency" owned by owner@example.com

owner POST {sign_in}
  password=twelve green bottles
=> 303
mail to owner@example.com
  subject ~ password

owner POST /v1/internal-users
  {"givenName": "Ann", "familyName": "Lee", "email": "ann@example.com", "role": "staff", "isClientAccessLimited": false}
=> 200
  object = "internalUser"
  role = "Staff"
  status = "notInvited"
  isOwner = false
  inviteUrl = null
  id as ann
no more mail to ann@example.com
owner POST /v1/internal-users
  {"givenName": "Other", "familyName": "Ann", "email": "ANN@Example.com", "role": "Staff"}
=> 409
  errors.0.code = "email_taken"
owner POST /v1/internal-users
  {"givenName": "X", "email": "no address", "role": "Captain", "surname": "Y"}
=> 400
  errors has 3 entries
owner POST /v1/internal-users
  {"givenName": "X", "familyName": "Y", "email": "x@example.com"}
=> 400
  errors.0.field = "role"
owner POST /v1/internal-users
  {"givenName": "X", "familyName": "Y", "email": "x@example.com", "role": "Captain"}
=> 400
  errors.0.code = "not_found"

# Somebody may be a client and of the staff
owner POST /v1/clients
  {"givenName": "Ann", "familyName": "Lee", "email": "ann@example.com"}
=> 200

owner POST /v1/invites
  {"internalUserIds": ["{ann}"], "message": "Welcome aboard!"}
  with Idempotency-Key: once
=> 200
  data.0.ok = true
  data.0.internalUserId = "{ann}"
  data.0.invite.clientId = null
  data.0.invite.internalUserId = "{ann}"
  data.0.invite.id as invite
mail to ann@example.com
  subject = "Join the team of Rocket Agency"
  text ~ join its team
  text ~ Welcome aboard!
  link as mailed
owner GET /v1/internal-users/{ann}
=> 200
  status = "invited"
  inviteUrl ~ /invite/
owner GET /v1/invites?internalUserId={ann}&count=true until "delivery":"sent"
=> 200
  count = 1
  data.0.delivery = "sent"
owner POST /v1/invites/{invite}/resend
=> 200
mail to ann@example.com
  link as again
owner GET /v1/invites/{invite}/link
=> 200
  url as copied

ann GET {mailed}
=> 200
  page has "invited you to join its team"
ann POST {mailed}
  password=short
=> 422
20 times at once nobody POST /v1/invites/accept => 20 of 404
  {"token": "forged", "password": "a ladder of wet moss"}
ann POST {again}
  password=a ladder of wet moss
=> 303
mail to owner@example.com
  subject ~ Ann Lee
nobody POST {mailed}
  password=a ladder of wet moss
=> 410
nobody POST {copied}
  password=a ladder of wet moss
=> 410
ann GET /
=> 200
  page has "signed in as staff"
ann GET /v1/me
=> 200
  kind = "internalUser"
  internalUser.status = "active"
  permissions ~ view_clients
owner POST /v1/invites
  {"internalUserIds": ["{ann}"]}
=> 200
  data.0.ok = false
  data.0.code = "already_active"

owner GET /v1/internal-users?q=lee%20an
=> 200
  data has 1 entry
owner GET /v1/internal-users?q=ee
=> 200
  data has 0 entries
owner GET /v1/internal-users?sort=familyName&limit=1&count=true
=> 200
  count = 2
  nextToken as next
owner GET /v1/internal-users?sort=familyName&limit=1&nextToken={next}
=> 200
  data.0.familyName = "Lee"
owner GET /v1/internal-users?status=active&role=staff
=> 200
  data has 1 entry

owner GET /v1/internal-users/{ann}
=> 200
  header ETag as etag
owner PATCH /v1/internal-users/{ann}
  with If-Match: "stale"
  {"givenName": "Anna"}
=> 412
owner PATCH /v1/internal-users/{ann}
  with If-Match: {etag}
  {"givenName": "Anna"}
=> 200
  givenName = "Anna"
ann GET /v1/me
=> 200

owner POST /v1/clients
  {"givenName": "Cleo", "familyName": "Kay", "email": "cleo@example.com", "accountManagerId": "{ann}"}
=> 200
  id as cleo
owner POST /v1/companies
  {"name": "Acme", "accountManagerId": "{ann}"}
=> 200
  id as acme
owner DELETE /v1/internal-users/{ann}?newAccountManagerId={ann}
=> 400
5 times at once owner DELETE /v1/internal-users/{ann} => 1 of 200, 4 of 404
ann GET /v1/me
=> 401
owner GET /v1/internal-users/{ann}
=> 404
owner GET /v1/clients/{cleo}
=> 200
  accountManagerId = null
owner GET /v1/companies/{acme}
=> 200
  accountManagerId = null
nobody POST /v1/auth/login
  {"email": "ann@example.com", "password": "a ladder of wet moss"}
=> 401
owner POST /v1/internal-users?sendInvite=true
  {"givenName": "Ann", "familyName": "Two", "email": "ann@example.com", "role": "Staff"}
=> 200
  status = "invited"
mail to ann@example.com
  link as fresh
ann POST {fresh}
  password=a ladder of wet moss
=> 303

# Whoever comes after him looks after his clients and companies
owner POST /v1/internal-users
  {"givenName": "Bob", "familyName": "Lee", "email": "bob@example.com", "role": "Staff"}
=> 200
  id as bob
owner GET /v1/internal-users?email=ann@example.com
=> 200
  data.0.id as heir
owner PATCH /v1/clients/{cleo}
  {"accountManagerId": "{bob}"}
=> 200
owner PATCH /v1/companies/{acme}
  {"accountManagerId": "{bob}"}
=> 200
owner DELETE /v1/internal-users/{bob}?newAccountManagerId={heir}
=> 200
owner GET /v1/clients?accountManagerId={heir}
=> 200
  data has 1 entry
  data.0.id = "{cleo}"
owner GET /v1/companies?accountManagerId={heir}
=> 200
  data has 1 entry
  data.0.id = "{acme}"
foyer check --data DATA
=> 0

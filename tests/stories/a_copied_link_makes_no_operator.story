# A copied link gives nobody the login of an operator who is gone; the mailed one proves who it is
proves: S9, A3, A5

workspace "Rocket Agency" owned by owner@example.com with the password "twelve green bottles"

owner POST /v1/auth/login
  {"email": "owner@example.com", "password": "twelve green bottles"}
=> 200
  internalUser.id as first
owner GET /v1/scripts
=> 200
owner POST /v1/internal-users?sendInvite=true
  {"givenName": "Bea", "familyName": "Boss", "email": "bea@example.com", "role": "Owner"}
=> 200
mail to bea@example.com
  link as invite
bea POST {invite}
  password=a ladder of wet moss
=> 303
bea GET /v1/scripts
=> 403
bea DELETE /v1/internal-users/{first}
=> 200
owner GET /v1/me
=> 401
nobody GET /v1/clients
  with X-API-Key: {key}
=> 401
bea POST /v1/internal-users?sendInvite=true
  {"givenName": "New", "familyName": "One", "email": "OWNER@example.com", "role": "Owner"}
=> 200
  inviteUrl as copied
thief POST {copied}
  password=a thief in damp moss
=> 409
  page has "use the link in the mail"
nobody POST /v1/auth/login
  {"email": "owner@example.com", "password": "a thief in damp moss"}
=> 401
mail to owner@example.com
  subject ~ accepted
mail to owner@example.com
  subject ~ Join the team
  link as mailed
owner POST {mailed}
  password=twelve green bottles
=> 303
owner GET /v1/scripts
=> 200

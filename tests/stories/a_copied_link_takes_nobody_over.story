# A copied link sets no password for somebody else who signs in here with the same address
proves: S8, S9

workspace "Rocket Agency" owned by owner@example.com

api POST /v1/clients?sendInvite=true
  {"givenName": "Not", "familyName": "Theowner", "email": "Owner@Example.com"}
=> 200
  inviteUrl as copied
mail to owner@example.com
  link as mailed

nobody POST {copied}
  password=a thief in damp moss
=> 409
  page has "Somebody signs in here with this address already"
nobody POST /v1/auth/login
  {"email": "owner@example.com", "password": "a thief in damp moss"}
=> 401

owner POST {sign_in}
  password=a ladder of wet moss
=> 303
nobody POST {copied}
  password=a thief in damp moss
=> 409
owner GET /v1/me
=> 200
  kind = "internalUser"
second POST /v1/auth/login
  {"email": "owner@example.com", "password": "a ladder of wet moss"}
=> 200
  kind = "internalUser"

nobody POST {mailed}
  password=a ladder of wet moss
=> 303

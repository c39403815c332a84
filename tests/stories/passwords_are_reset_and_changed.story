# A password is reset by a mailed link and changed while signed in; other sessions end
proves: S11, S12

workspace "Rocket Agency" owned by owner@example.com

api POST /v1/clients?sendInvite=true
  {"givenName": "Ann", "familyName": "Lee", "email": "ann@example.com"}
=> 200
mail to ann@example.com
  link as invite
ann POST {invite}
  password=a ladder of wet moss
=> 303
phone POST /v1/auth/login
  {"email": "ann@example.com", "password": "a ladder of wet moss"}
=> 200
  kind = "client"
phone GET /v1/sessions
=> 200
  data has 2 entries

nobody POST /v1/auth/password/forgot
  {"email": "ann@example.com"}
=> 202
  all as known
nobody POST /v1/auth/password/forgot
  {"email": "nobody@example.com"}
=> 202
  all = {known}
mail to ann@example.com
  link as reset
nobody GET {reset}
=> 200
  page has "Choose a password"
nobody POST {reset}
  password=a second ladder of moss
=> 200
  page has "Your password is set"
nobody POST {reset}
  password=a third ladder of moss
=> 410
ann GET /v1/me
=> 401
phone GET /v1/me
=> 401
mail to ann@example.com

ann POST /v1/auth/login
  {"email": "ann@example.com", "password": "a ladder of wet moss"}
=> 401
  code = "wrong_credentials"
  all as wrong
ann POST /v1/auth/login
  {"email": "unknown@example.com", "password": "a ladder of wet moss"}
=> 401
  all = {wrong}
ann POST /v1/auth/login
  {"email": "ANN@example.com", "password": "a second ladder of moss"}
=> 200
phone POST /v1/auth/login
  {"email": "ann@example.com", "password": "a second ladder of moss"}
=> 200
ann POST /v1/auth/password/change
  {"currentPassword": "wrong wrong wrong", "newPassword": "the fourth ladder of moss"}
=> 422
  errors.0.field = "currentPassword"
ann POST /v1/auth/password/change
  {"currentPassword": "a second ladder of moss", "newPassword": "the fourth ladder of moss"}
=> 200
ann GET /v1/me
=> 200
phone GET /v1/me
=> 401

# Every door answers the known and the unknown with the same bytes after as many runs of argon2id
proves: S9, S12

workspace "Rocket Agency" owned by owner@example.com

api POST /v1/clients?sendInvite=true
  {"givenName": "Ann", "familyName": "Lee", "email": "ann@example.com"}
=> 200
  id as ann
mail to ann@example.com
  link as invite

# Ann has no login yet: the password is compared with a dummy and hashed.
ann POST {invite}
  password=a ladder of wet moss
=> 303
nobody GET /metrics
=> 200
  page has "foyer_password_hashes_total 2"

nobody POST /v1/auth/login
  {"email": "ann@example.com", "password": "wrong wrong wrong"}
=> 401
  all as refused
nobody GET /metrics
=> 200
  page has "foyer_password_hashes_total 3"
nobody POST /v1/auth/login
  {"email": "nobody@example.com", "password": "wrong wrong wrong"}
=> 401
  all = {refused}
nobody GET /metrics
=> 200
  page has "foyer_password_hashes_total 4"
nobody POST /v1/auth/login
  {"email": "no address at all", "password": "wrong wrong wrong"}
=> 401
  all = {refused}
nobody GET /metrics
=> 200
  page has "foyer_password_hashes_total 5"

nobody POST /v1/auth/password/forgot
  {"email": "ann@example.com"}
=> 202
  all as sent
nobody POST /v1/auth/password/forgot
  {"email": "nobody@example.com"}
=> 202
  all = {sent}
nobody GET /metrics
=> 200
  page has "foyer_password_hashes_total 5"

# Her login stays when the firm lets her go. Invited anew, by a link that is copied, she is known: as many
# runs as for somebody who is not, so that whoever copies links learns nothing of it.
api DELETE /v1/clients/{ann}
=> 200
api POST /v1/clients?sendInvite=true
  {"givenName": "Ann", "familyName": "Lee", "email": "ann@example.com"}
=> 200
  inviteUrl as copied
nobody POST {copied}
  password=another ladder of moss
=> 303
nobody GET /metrics
=> 200
  page has "foyer_password_hashes_total 7"

# Signed in, a wrong password costs what the right one does.
ann POST /v1/auth/login
  {"email": "ann@example.com", "password": "another ladder of moss"}
=> 200
ann POST /v1/auth/password/change
  {"currentPassword": "wrong wrong wrong", "newPassword": "the fourth ladder of moss"}
=> 422
nobody GET /metrics
=> 200
  page has "foyer_password_hashes_total 10"
ann POST /v1/auth/password/change
  {"currentPassword": "another ladder of moss", "newPassword": "the fourth ladder of moss"}
=> 200
nobody GET /metrics
=> 200
  page has "foyer_password_hashes_total 12"

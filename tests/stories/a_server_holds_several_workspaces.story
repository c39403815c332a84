# On a server of several workspaces nobody needs an id to sign in, and who has several chooses
proves: S12, S15, A1

workspace "Rocket Agency" owned by owner@example.com

foyer workspace create --data DATA --workspace "Moss Law" --email boss@example.com --json
=> 0
  workspace as moss
  apiKey as key
  signIn as boss_link
foyer workspace list --data DATA --json
=> 0
  0.name = "Rocket Agency"
  1.name = "Moss Law"
  1.id = "{moss}"
  1.staff = 1

# Its owner comes in by the link, and runs his firm, not the server.
boss POST {boss_link}
  password=a ladder of wet moss
=> 303
mail to boss@example.com
  subject ~ password
boss GET /v1/me
=> 200
  internalUser.email = "boss@example.com"
boss GET /v1/scripts
=> 403
boss POST /sign-out
=> 303

# In by address and password alone.
boss POST /sign-in
  email=boss@example.com
  password=a ladder of wet moss
=> 303
  header Location = /
boss GET /v1/workspaces
=> 200
  id = "{moss}"
boss GET /workspaces
=> 200
  page has "Moss Law"
  page lacks "Rocket Agency"

# Ann is a client of both: each mailed link proves her address, so her login is one.
api POST /v1/clients?sendInvite=true
  {"givenName": "Ann", "familyName": "Lee", "email": "ann@example.com"}
=> 200
mail to ann@example.com
  link as first
ann POST {first}
  password=three green parrots
=> 303
nobody POST /v1/clients?sendInvite=true
  with X-Api-Key: {key}
  {"givenName": "Annabel", "familyName": "Lee", "email": "ann@example.com"}
=> 200
mail to ann@example.com
  link as second
anna POST {second}
  password=three green parrots
=> 303

# She comes where she was last, and chooses.
new POST /sign-in
  email=ann@example.com
  password=three green parrots
=> 303
  header Location = /workspaces
new GET /v1/me
=> 200
  client.givenName = "Annabel"
new GET /workspaces
=> 200
  page has "Rocket Agency"
  page has "Moss Law"
new POST /workspaces/{workspace}
=> 303
  header Location = /
new GET /v1/me
=> 200
  client.givenName = "Ann"
new GET /
=> 200
  page has "Your other portals"
new GET /sign-in?workspaceId={moss}
=> 303
  header Location = /workspaces
new POST /workspaces/01a220a8-8d40-7da1-8beb-25a237b23ec4
=> 404

# Named by its id, it is that one; also for who is in another one now.
new POST /sign-in
  workspaceId={moss}
  email=ann@example.com
  password=three green parrots
=> 303
  header Location = /
new GET /v1/me
=> 200
  client.givenName = "Annabel"
nobody POST /v1/auth/login
  {"email": "ann@example.com", "password": "three green parrots", "workspaceId": "{workspace}"}
=> 200
  client.givenName = "Ann"

# The boss is nobody in the other one, and learns nothing of it.
boss POST /workspaces/{workspace}
=> 404

# The known and the unknown get the same answer.
nobody POST /v1/auth/login
  {"email": "ann@example.com", "password": "three grey parrots"}
=> 401
  all as wrong
nobody POST /v1/auth/login
  {"email": "nobody@example.com", "password": "three grey parrots"}
=> 401
  all = {wrong}
nobody POST /v1/auth/password/forgot
  {"email": "boss@example.com"}
=> 202
  all as sent
nobody POST /v1/auth/password/forgot
  {"email": "nobody@example.com"}
=> 202
  all = {sent}
mail to boss@example.com
  link as reset
nobody GET {reset}
=> 200
  page has "Moss Law"

# An owner whose address was proved keeps her password: nobody who runs the command can change it.
foyer workspace create --data DATA --workspace "Ann and Sons" --email ann@example.com --json
=> 0
  signIn ~ /sign-in?workspaceId=
  workspace as sons
ann POST /sign-in
  workspaceId={sons}
  email=ann@example.com
  password=three green parrots
=> 303
ann GET /v1/workspaces
=> 200
  id = "{sons}"
write password
a password of the operator
end of file
foyer workspace create --data DATA --workspace "Ann again" --email ann@example.com --password-file DATA/password
=> 1
  stderr ~ signs in on this server already
foyer workspace list --data DATA --json
=> 0
  2.name = "Ann and Sons"
  3 is absent

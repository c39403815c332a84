# One owner who can sign in always stays, and nobody removes himself
proves: A5

workspace "Rocket Agency" owned by owner@example.com

owner POST {sign_in}
  password=twelve green bottles
=> 303
owner GET /v1/me
=> 200
  internalUser.id as me
  internalUser.roleId as owners
owner DELETE /v1/internal-users/{me}
=> 422
  code = "is_yourself"
api DELETE /v1/internal-users/{me}
=> 422
  code = "is_yourself"
5 times at once owner PATCH /v1/internal-users/{me} => 5 of 422
  {"role": "Admin"}
owner PATCH /v1/internal-users/{me}
  {"role": "Admin"}
=> 422
  code = "last_owner"
  message ~ make somebody else an owner first

# One who was invited and never came is no owner yet
owner POST /v1/internal-users?sendInvite=true
  {"givenName": "Bea", "familyName": "Boss", "email": "bea@example.com", "role": "Owner"}
=> 200
  isOwner = true
  id as bea
owner PATCH /v1/internal-users/{me}
  {"role": "Admin"}
=> 422
mail to bea@example.com
  link as invite
bea POST {invite}
  password=a ladder of wet moss
=> 303
bea PATCH /v1/internal-users/{me}
  {"role": "Admin"}
=> 200
  isOwner = false
owner GET /v1/me
=> 401
owner POST /v1/auth/login
  {"email": "owner@example.com", "password": "twelve green bottles"}
=> 200

# He who is no owner any more touches none
owner DELETE /v1/internal-users/{bea}
=> 403
  code = "owners_only"
owner PATCH /v1/internal-users/{me}
  {"role": "Owner"}
=> 403
  code = "owners_only"
bea PATCH /v1/internal-users/{bea}
  {"roleId": "{owners}", "isClientAccessLimited": true}
=> 422
  errors.0.code = "owner_not_limited"
bea PATCH /v1/roles/{owners}
  {"isOwner": false}
=> 422
  code = "owner_role_fixed"
bea PATCH /v1/roles/{owners}
  {"permissions": ["view_clients"]}
=> 422
bea DELETE /v1/roles/{owners}?replacementRoleId={owners}
=> 400

# Another role of owners may end, but not with its last owner
bea POST /v1/roles
  {"name": "Partner", "isOwner": true}
=> 200
  permissions ~ manage_staff
  id as partners
bea PATCH /v1/internal-users/{bea}
  {"role": "Partner"}
=> 200
bea PATCH /v1/roles/{partners}
  {"isOwner": false}
=> 422
  code = "last_owner"
bea PATCH /v1/internal-users/{me}
  {"role": "Owner"}
=> 200
bea PATCH /v1/roles/{partners}
  {"isOwner": false}
=> 200
  isOwner = false
bea GET /v1/me
=> 200
  internalUser.isOwner = false
foyer check --data DATA
=> 0

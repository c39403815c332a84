# An invite of staff gives nobody more than its inviter holds, not even by its link or later
proves: S8, S9, A4

workspace "Rocket Agency" owned by owner@example.com

api POST /v1/roles
  {"name": "Recruiter", "permissions": ["view_staff", "manage_staff", "view_clients"]}
=> 200
  id as recruiters
api POST /v1/roles
  {"name": "Reader", "permissions": ["view_clients"]}
=> 200
  id as readers
api POST /v1/internal-users?sendInvite=true
  {"givenName": "Rex", "familyName": "Ray", "email": "rex@example.com", "role": "Recruiter"}
=> 200
  id as rex
mail to rex@example.com
  link as link
rex POST {link}
  password=a ladder of wet moss
=> 303

# He invites up to what he holds; the link of somebody who will hold more is not for him
rex POST /v1/internal-users?sendInvite=true
  {"givenName": "Eva", "familyName": "Eck", "email": "eva@example.com", "role": "Reader"}
=> 200
  inviteUrl ~ /invite/
  inviteUrl as copied
  id as eva
mail to eva@example.com
  link as evas
api POST /v1/internal-users?sendInvite=true
  {"givenName": "Big", "familyName": "Boss", "email": "big@example.com", "role": "Admin"}
=> 200
  id as big
api GET /v1/invites?internalUserId={big}
=> 200
  data.0.id as bigs
rex GET /v1/invites/{bigs}
=> 200
rex GET /v1/internal-users/{big}
=> 200
  inviteUrl = null
rex GET /v1/invites/{bigs}/link
=> 403
  code = "holds_more"
rex POST /v1/invites/{bigs}/resend
=> 403
rex POST /v1/invites/{bigs}/cancel
=> 403
rex POST /v1/invites
  {"internalUserIds": ["{big}", "{eva}"]}
=> 200
  data.0.ok = false
  data.0.code = "holds_more"
  data.1.ok = true
mail to eva@example.com

# The role gives more meanwhile: asked again at acceptance, for the inviter as he is now
api PATCH /v1/roles/{readers}
  {"permissions": ["view_clients", "edit_settings"]}
=> 200
eva POST {evas}
  password=a pond of green oil
=> 410
  page has "may no longer do so"
eva POST {copied}
  password=a pond of green oil
=> 410

# Whoever invites again vouches for it
api POST /v1/invites
  {"internalUserIds": ["{eva}"]}
=> 200
mail to eva@example.com
  link as vouched
eva POST {vouched}
  password=a pond of green oil
=> 303

# A copied link is for this workspace, and for nobody who is here already by this address
rex POST /v1/auth/login
  {"email": "rex@example.com", "password": "a ladder of wet moss"}
=> 200
api PATCH /v1/roles/{readers}
  {"permissions": ["view_clients"]}
=> 200
rex POST /v1/internal-users?sendInvite=true
  {"givenName": "Fake", "familyName": "Owner", "email": "Owner@Example.com", "role": "Reader"}
=> 409
owner POST {sign_in}
  password=twelve green bottles
=> 303
api POST /v1/clients?sendInvite=true
  {"givenName": "Cleo", "familyName": "Kay", "email": "cleo@example.com"}
=> 200
mail to cleo@example.com
  link as cleos
cleo POST {cleos}
  password=a drum of dry sand
=> 303
rex POST /v1/internal-users?sendInvite=true
  {"givenName": "Cleo", "familyName": "Kay", "email": "cleo@example.com", "role": "Reader"}
=> 200
  inviteUrl as taken
rex POST {taken}
  password=a thief in damp moss
=> 409
  page has "Somebody signs in here with this address already"
mail to cleo@example.com
  link as both
cleo POST {both}
  password=a drum of dry sand
=> 303
cleo GET /v1/me
=> 200
  kind = "internalUser"

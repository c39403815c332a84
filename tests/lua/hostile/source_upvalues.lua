-- expect: error:too many upvalues -- a function over 256 variables
do
local a0 = 0 local a1 = 1 local a2 = 2 local a3 = 3 local a4 = 4
local a5 = 5 local a6 = 6 local a7 = 7 local a8 = 8 local a9 = 9
local a10 = 10 local a11 = 11 local a12 = 12 local a13 = 13 local a14 = 14
local a15 = 15 local a16 = 16 local a17 = 17 local a18 = 18 local a19 = 19
local a20 = 20 local a21 = 21 local a22 = 22 local a23 = 23 local a24 = 24
local a25 = 25 local a26 = 26 local a27 = 27 local a28 = 28 local a29 = 29
local a30 = 30 local a31 = 31 local a32 = 32 local a33 = 33 local a34 = 34
local a35 = 35 local a36 = 36 local a37 = 37 local a38 = 38 local a39 = 39
local a40 = 40 local a41 = 41 local a42 = 42 local a43 = 43 local a44 = 44
local a45 = 45 local a46 = 46 local a47 = 47 local a48 = 48 local a49 = 49
local a50 = 50 local a51 = 51 local a52 = 52 local a53 = 53 local a54 = 54
local a55 = 55 local a56 = 56 local a57 = 57 local a58 = 58 local a59 = 59
local a60 = 60 local a61 = 61 local a62 = 62 local a63 = 63 local a64 = 64
local a65 = 65 local a66 = 66 local a67 = 67 local a68 = 68 local a69 = 69
local a70 = 70 local a71 = 71 local a72 = 72 local a73 = 73 local a74 = 74
local a75 = 75 local a76 = 76 local a77 = 77 local a78 = 78 local a79 = 79
local a80 = 80 local a81 = 81 local a82 = 82 local a83 = 83 local a84 = 84
local a85 = 85 local a86 = 86 local a87 = 87 local a88 = 88 local a89 = 89
local a90 = 90 local a91 = 91 local a92 = 92 local a93 = 93 local a94 = 94
local a95 = 95 local a96 = 96 local a97 = 97 local a98 = 98 local a99 = 99
local a100 = 100 local a101 = 101 local a102 = 102 local a103 = 103 local a104 = 104
local a105 = 105 local a106 = 106 local a107 = 107 local a108 = 108 local a109 = 109
local a110 = 110 local a111 = 111 local a112 = 112 local a113 = 113 local a114 = 114
local a115 = 115 local a116 = 116 local a117 = 117 local a118 = 118 local a119 = 119
local a120 = 120 local a121 = 121 local a122 = 122 local a123 = 123 local a124 = 124
local a125 = 125 local a126 = 126 local a127 = 127 local a128 = 128 local a129 = 129
local a130 = 130 local a131 = 131 local a132 = 132 local a133 = 133 local a134 = 134
local a135 = 135 local a136 = 136 local a137 = 137 local a138 = 138 local a139 = 139
local a140 = 140 local a141 = 141 local a142 = 142 local a143 = 143 local a144 = 144
local a145 = 145 local a146 = 146 local a147 = 147 local a148 = 148 local a149 = 149
local function f()
local b0 = 0 local b1 = 1 local b2 = 2 local b3 = 3 local b4 = 4
local b5 = 5 local b6 = 6 local b7 = 7 local b8 = 8 local b9 = 9
local b10 = 10 local b11 = 11 local b12 = 12 local b13 = 13 local b14 = 14
local b15 = 15 local b16 = 16 local b17 = 17 local b18 = 18 local b19 = 19
local b20 = 20 local b21 = 21 local b22 = 22 local b23 = 23 local b24 = 24
local b25 = 25 local b26 = 26 local b27 = 27 local b28 = 28 local b29 = 29
local b30 = 30 local b31 = 31 local b32 = 32 local b33 = 33 local b34 = 34
local b35 = 35 local b36 = 36 local b37 = 37 local b38 = 38 local b39 = 39
local b40 = 40 local b41 = 41 local b42 = 42 local b43 = 43 local b44 = 44
local b45 = 45 local b46 = 46 local b47 = 47 local b48 = 48 local b49 = 49
local b50 = 50 local b51 = 51 local b52 = 52 local b53 = 53 local b54 = 54
local b55 = 55 local b56 = 56 local b57 = 57 local b58 = 58 local b59 = 59
local b60 = 60 local b61 = 61 local b62 = 62 local b63 = 63 local b64 = 64
local b65 = 65 local b66 = 66 local b67 = 67 local b68 = 68 local b69 = 69
local b70 = 70 local b71 = 71 local b72 = 72 local b73 = 73 local b74 = 74
local b75 = 75 local b76 = 76 local b77 = 77 local b78 = 78 local b79 = 79
local b80 = 80 local b81 = 81 local b82 = 82 local b83 = 83 local b84 = 84
local b85 = 85 local b86 = 86 local b87 = 87 local b88 = 88 local b89 = 89
local b90 = 90 local b91 = 91 local b92 = 92 local b93 = 93 local b94 = 94
local b95 = 95 local b96 = 96 local b97 = 97 local b98 = 98 local b99 = 99
local b100 = 100 local b101 = 101 local b102 = 102 local b103 = 103 local b104 = 104
local b105 = 105 local b106 = 106 local b107 = 107 local b108 = 108 local b109 = 109
local b110 = 110 local b111 = 111 local b112 = 112 local b113 = 113 local b114 = 114
local b115 = 115 local b116 = 116 local b117 = 117 local b118 = 118 local b119 = 119
local b120 = 120 local b121 = 121 local b122 = 122 local b123 = 123 local b124 = 124
local b125 = 125 local b126 = 126 local b127 = 127 local b128 = 128 local b129 = 129
local b130 = 130 local b131 = 131 local b132 = 132 local b133 = 133 local b134 = 134
local b135 = 135 local b136 = 136 local b137 = 137 local b138 = 138 local b139 = 139
local b140 = 140 local b141 = 141 local b142 = 142 local b143 = 143 local b144 = 144
local b145 = 145 local b146 = 146 local b147 = 147 local b148 = 148 local b149 = 149
  return function()
    return a0 + a1 + a2 + a3 + a4 + a5 + a6 + a7 + a8 + a9 + a10 + a11 + a12 + a13 + a14 + a15 + a16 + a17 + a18 + a19 + a20 + a21 + a22 + a23 + a24 + a25 + a26 + a27 + a28 + a29 + a30 + a31 + a32 + a33 + a34 + a35 + a36 + a37 + a38 + a39 + a40 + a41 + a42 + a43 + a44 + a45 + a46 + a47 + a48 + a49 + a50 + a51 + a52 + a53 + a54 + a55 + a56 + a57 + a58 + a59 + a60 + a61 + a62 + a63 + a64 + a65 + a66 + a67 + a68 + a69 + a70 + a71 + a72 + a73 + a74 + a75 + a76 + a77 + a78 + a79 + a80 + a81 + a82 + a83 + a84 + a85 + a86 + a87 + a88 + a89 + a90 + a91 + a92 + a93 + a94 + a95 + a96 + a97 + a98 + a99 + a100 + a101 + a102 + a103 + a104 + a105 + a106 + a107 + a108 + a109 + a110 + a111 + a112 + a113 + a114 + a115 + a116 + a117 + a118 + a119 + a120 + a121 + a122 + a123 + a124 + a125 + a126 + a127 + a128 + a129 + a130 + a131 + a132 + a133 + a134 + a135 + a136 + a137 + a138 + a139 + a140 + a141 + a142 + a143 + a144 + a145 + a146 + a147 + a148 + a149 + b0 + b1 + b2 + b3 + b4 + b5 + b6 + b7 + b8 + b9 + b10 + b11 + b12 + b13 + b14 + b15 + b16 + b17 + b18 + b19 + b20 + b21 + b22 + b23 + b24 + b25 + b26 + b27 + b28 + b29 + b30 + b31 + b32 + b33 + b34 + b35 + b36 + b37 + b38 + b39 + b40 + b41 + b42 + b43 + b44 + b45 + b46 + b47 + b48 + b49 + b50 + b51 + b52 + b53 + b54 + b55 + b56 + b57 + b58 + b59 + b60 + b61 + b62 + b63 + b64 + b65 + b66 + b67 + b68 + b69 + b70 + b71 + b72 + b73 + b74 + b75 + b76 + b77 + b78 + b79 + b80 + b81 + b82 + b83 + b84 + b85 + b86 + b87 + b88 + b89 + b90 + b91 + b92 + b93 + b94 + b95 + b96 + b97 + b98 + b99 + b100 + b101 + b102 + b103 + b104 + b105 + b106 + b107 + b108 + b109 + b110 + b111 + b112 + b113 + b114 + b115 + b116 + b117 + b118 + b119 + b120 + b121 + b122 + b123 + b124 + b125 + b126 + b127 + b128 + b129 + b130 + b131 + b132 + b133 + b134 + b135 + b136 + b137 + b138 + b139 + b140 + b141 + b142 + b143 + b144 + b145 + b146 + b147 + b148 + b149
  end
end
return f
end

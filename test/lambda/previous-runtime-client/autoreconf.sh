#!/bin/sh
# Stands in for autoreconf in the build of the previous runtime client. Its copy of curl is the only
# thing that would need the autotools, and can be configured by CMake too, which the rest of the
# build needs anyway. What is written here takes AWS's options, of which HTTP alone is left, as CMake's.
cat > configure <<'END'
#!/bin/sh
# Called as: configure --prefix DIRECTORY ...
exec "$(command -v cmake3 || command -v cmake)" . -DCMAKE_INSTALL_PREFIX="$2" \
  -DCMAKE_POSITION_INDEPENDENT_CODE=ON -DBUILD_SHARED_LIBS=OFF -DBUILD_CURL_EXE=OFF \
  -DBUILD_TESTING=OFF -DHTTP_ONLY=ON -DENABLE_IPV6=OFF -DENABLE_THREADED_RESOLVER=OFF \
  -DENABLE_UNIX_SOCKETS=OFF -DCURL_DISABLE_SOCKETPAIR=ON -DCURL_ENABLE_SSL=OFF -DCURL_ZLIB=OFF \
  -DCURL_USE_LIBSSH2=OFF -DUSE_LIBIDN2=OFF
END
chmod +x configure

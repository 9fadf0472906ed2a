# What MLGym's environment expects of its image, on ours: a `conda` that activates nothing, and the linter on the path. Its own image is
# larger and not faster: where its time goes is between its process and the container's shell.
FROM gymsmith/cpu
USER root
RUN rm -f /usr/lib/python3*/EXTERNALLY-MANAGED \
 && printf '#!/bin/sh\nexec python3 -m flake8 "$@"\n' > /usr/local/bin/flake8 && chmod 755 /usr/local/bin/flake8 \
 && mkdir -p /etc/profile.d && printf 'conda() { return 0; }\n' > /etc/profile.d/conda.sh
ENV ROOT=/home/agent/ PS1="> "
USER agent
WORKDIR /home/agent
CMD ["/bin/bash"]

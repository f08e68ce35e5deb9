# git on local paths: init, commits by fixed people at fixed times (so that the hashes are known), branch, merge, clone, push, log, fsck, gc.
set -e
export GIT_AUTHOR_NAME=Ann GIT_AUTHOR_EMAIL=ann@example.org GIT_COMMITTER_NAME=Ann GIT_COMMITTER_EMAIL=ann@example.org GIT_CONFIG_NOSYSTEM=1 HOME=$PWD
commit() { GIT_AUTHOR_DATE="@$1 +0000" GIT_COMMITTER_DATE="@$1 +0000" git commit -q -m "$2"; }
git init -q -b main first && cd first
echo one > a; git add a; commit 1000000000 'the first'
seq 1 200 > b; chmod +x b; git add b; commit 1000000060 'numbers'
git checkout -q -b side; sed -i 's/^100$/hundred/' b; commit_all() { git add -A; commit "$@"; }; commit_all 1000000120 'a word'
git checkout -q main; echo two >> a; commit_all 1000000180 'more'
GIT_AUTHOR_DATE='@1000000240 +0000' GIT_COMMITTER_DATE='@1000000240 +0000' git merge -q -m 'both' side
git log --format='%h %at %s' --date-order; git rev-parse HEAD; git diff --stat HEAD~1 | cat
cd ..; git clone -q first second; cd second; git log --oneline | wc -l; git status --short --branch
echo three >> a; commit_all 1000000300 'from the clone'; git push -q origin HEAD:refs/heads/clone; git -C ../first log -1 --format=%s clone
git gc -q; git fsck --strict; git count-objects -v | grep -E '^(count|in-pack|packs)'; git blame -s a | sed 's/ .*)/)/'; git grep -n hundred; git show HEAD:a | tail -1

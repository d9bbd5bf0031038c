/**
 * What the most used passwords of public leaks are built from. At 15 characters and more nearly all of those are one
 * of these, repeated or with digits around them (server/auth/password-policy.ts).
 */
export const commonWords: ReadonlySet<string> = new Set(
  `password passwort motdepasse contrasena senha parola wachtwoord passw pass word pwd secret secure login welcome
  admin administrator root user guest test testing tester default changeme letmein access master superuser system
  qwerty qwertz azerty qwertyuiop asdfghjkl zxcvbnm asdf asdfgh qwer zxcv qaz wsx edc qazwsx qazwsxedc qweasd qweasdzxc
  abc abcd abcde abcdef abcdefg abcdefgh xyz aaa zzz iloveyou ilove loveyou love lover lovely you me my your the and is
  this that iam monkey dragon sunshine princess football baseball basketball soccer hockey superman batman spiderman
  starwars pokemon naruto minecraft fortnite pikachu trustno trustnoone shadow michael jordan jennifer jessica ashley
  daniel thomas robert matthew andrew joshua george charlie michelle nicole amanda samantha william anthony hunter
  killer buster soldier ranger thunder tigger tiger lion eagle wolf panther phoenix angel angels heaven jesus christ god
  bless family mother father mommy daddy mama papa baby babygirl boy girl friend friends forever summer winter spring
  autumn monday tuesday wednesday thursday friday saturday sunday january february march april june july august
  september october november december hello world helloworld computer internet google facebook apple samsung
  microsoft windows linux android iphone amazon netflix company corporate business office finance money dollar bank
  london paris berlin newyork america england germany france chocolate cookie cheese banana orange purple green yellow
  black white silver golden diamond flower rainbow butterfly music guitar rock roll metal ferrari porsche mercedes
  mustang corvette harley yamaha honda toyota ginger pepper snoopy mickey mouse donald duck scooby cool sexy hot hello
  please open sesame opensesame freedom liverpool chelsea arsenal barcelona realmadrid juventus manchester united blink
  nirvana slipknot metallica matrix starwars gandalf merlin magic wizard ninja samurai warrior king queen prince star
  number one two three four five six seven eight nine ten zero`
    .split(/\s+/)
    .filter(Boolean),
);

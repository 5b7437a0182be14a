"""What every command and option does, in both languages.

These sentences stand in Python and not in `runner/wording`, because `runner --help` must answer before anything that
takes time is imported.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Help(NamedTuple):
    """Two sentences in each language, and one example."""

    en: str
    ko: str
    example: str


class Words(NamedTuple):
    """One phrase in each language."""

    en: str
    ko: str


GROUP = Words(
    en="Rules in YAML act on a Coupang shop: previewed, at most once, proved.",
    ko="YAML 규칙으로 쿠팡 가게의 일을 처리합니다. 먼저 보여 주고, 한 번만 보내고, 결과를 확인합니다.",
)

COMMANDS: Mapping[str, Help] = {
    "init": Help(
        en="Set up a shop folder that works: settings, a rule that only watches, its test, schemas for the editor. Nothing that exists is overwritten.",
        ko="바로 쓸 수 있는 가게 폴더를 만듭니다: 설정, 지켜보기만 하는 규칙과 그 시험, 편집기용 스키마. 이미 있는 파일은 건드리지 않습니다.",
        example="runner init my-shop --from coupon-for-overstock --input least=500",
    ),
    "check": Help(
        en="Check rule files and the settings; every problem is listed with its file, line and column. Nothing is called.",
        ko="규칙 파일과 설정을 검사하고 문제를 파일:줄:칸과 함께 모두 알려 줍니다. 아무것도 호출하지 않습니다.",
        example="runner check rules/returns.yaml",
    ),
    "schema": Help(
        en="Print the JSON Schema of rules, rule tests or settings. Editors use it to complete names and to explain them.",
        ko="규칙, 규칙 시험, 설정의 JSON Schema를 출력합니다. 편집기가 자동 완성과 설명에 씁니다.",
        example="runner schema rules",
    ),
    "docs": Help(
        en="Explain a source or an action, or a code of `check` with an example. Without a name, list everything there is.",
        ko="소스나 작업, `check`의 코드를 예와 함께 설명합니다. 이름이 없으면 전체 목록을 보여 줍니다.",
        example="runner docs stop_shipment",
    ),
    "test": Help(
        en="Run the tests beside the rules (*.test.yaml) with the code that runs the rules, on given records or in a simulated world. Nothing outside is called.",
        ko="규칙 옆의 시험(*.test.yaml)을 실제 실행과 같은 코드로, 적어 둔 자료나 모의 세계에서 돌립니다. 바깥은 호출하지 않습니다.",
        example="runner test rules --mutate",
    ),
    "plan": Help(
        en="Show what the rules would do now, line by line and with reasons. Nothing is written to the shop.",
        ko="지금 규칙이 하려는 일을 한 줄씩 이유와 함께 보여 줍니다. 가게에는 아무것도 쓰지 않습니다.",
        example="runner plan --out plan.json",
    ),
    "apply": Help(
        en="Do exactly the lines of a saved plan; each is checked again just before it is sent. Lines of `ask` rules need approval.",
        ko="저장한 계획의 줄만 실행하며, 보내기 직전에 한 줄씩 다시 확인합니다. `ask` 규칙의 줄은 승인이 필요합니다.",
        example="runner apply plan.json",
    ),
    "run": Help(
        en="Run every rule once, now, and prove each effect by reading it back. What an earlier run left open is finished first.",
        ko="모든 규칙을 지금 한 번 실행하고 결과를 조회해 확인합니다. 이전 실행이 끝내지 못한 일을 먼저 마칩니다.",
        example="runner run approve-cancel-before-shipping",
    ),
    "call": Help(
        en="Read a source, or do one thing to one record, by hand. A write is shown first, needs your yes, and is verified and remembered as in a run.",
        ko="소스를 조회하거나 한 건에 한 가지 일을 직접 합니다. 쓰기는 먼저 보여 주고 확인을 받으며, 실행할 때와 똑같이 결과를 확인하고 기록합니다.",
        example="runner call return_requests --arg status=RU --look-back 7d",
    ),
    "daemon": Help(
        en="Stay and run every rule when it is due; edited rule files are taken over when all of them hold. Ctrl-C ends it cleanly.",
        ko="계속 켜 두고 때가 되면 규칙을 실행합니다. 고친 규칙 파일은 문제가 없을 때 반영합니다. Ctrl-C로 깨끗이 끝납니다.",
        example="runner daemon",
    ),
    "questions": Help(
        en="List what waits for a person: lines of `ask` rules, lines above a limit, effects nobody could settle. Reads only.",
        ko="사람을 기다리는 일을 보여 줍니다: `ask` 규칙의 줄, 한도를 넘은 줄, 결과를 알 수 없는 줄. 조회만 합니다.",
        example="runner questions",
    ),
    "approve": Help(
        en="Approve a question, or some of its lines. What is approved is sent by the next run, after it was checked again.",
        ko="질문 전체나 일부 줄을 승인합니다. 승인한 줄은 다음 실행에서 다시 확인한 뒤 보냅니다.",
        example="runner approve 3f2a91c0",
    ),
    "reject": Help(
        en="Say no to a question, or to some of its lines. They are not asked again.",
        ko="질문 전체나 일부 줄을 거절합니다. 같은 줄을 다시 묻지 않습니다.",
        example="runner reject 3f2a91c0",
    ),
    "history": Help(
        en="Show what was done, newest first, from the ledger. Nothing is called.",
        ko="장부에 남은 처리 기록을 최근 것부터 보여 줍니다. 아무것도 호출하지 않습니다.",
        example="runner history --rule coupon-for-overstock",
    ),
    "explain": Help(
        en="Show for one record what every condition of a rule wanted and what was found. Reads only.",
        ko="한 건에 대해 규칙의 조건마다 무엇을 원했고 무엇이 확인됐는지 보여 줍니다. 조회만 합니다.",
        example="runner explain approve-cancel-before-shipping 400000103",
    ),
    "record": Help(
        en="Read what the rules read now and keep it, masked, for `runner backtest`. With `record: true` in the settings every run does.",
        ko="지금 규칙이 조회하는 것을 가려서 보관해 `runner backtest`에 씁니다. 설정에 `record: true`를 적으면 실행할 때마다 보관합니다.",
        example="runner record",
    ),
    "backtest": Help(
        en="Run a rule, or an edited one beside it, over what was recorded: what it would have done day by day, and what really happened. Nothing is called.",
        ko="보관한 기록에 규칙을(고친 규칙이 있으면 함께) 돌려, 날마다 무엇을 했을지와 실제로 어떻게 되었는지 보여 줍니다. 아무것도 호출하지 않습니다.",
        example="runner backtest approve-cancel-before-shipping --days 30",
    ),
    "status": Help(
        en="Show the daemon, the next runs, what is open, and each vendor's calls. Nothing is called.",
        ko="데몬, 다음 실행, 끝나지 않은 일, 판매자별 호출 상태를 보여 줍니다. 아무것도 호출하지 않습니다.",
        example="runner status",
    ),
    "accounts": Help(
        en="List the accounts of the settings and whether their keys can be opened. Keys are never shown.",
        ko="설정의 계정과, 키를 읽을 수 있는지 보여 줍니다. 키 값은 보여 주지 않습니다.",
        example="runner accounts",
    ),
    "sim": Help(
        en="Serve a simulated marketplace on this machine, behind the same API. Rules can be tried there without any risk.",
        ko="이 컴퓨터에 같은 API의 모의 마켓을 띄웁니다. 규칙을 위험 없이 시험할 수 있습니다.",
        example="runner sim --port 8765",
    ),
    "demo": Help(
        en="Show everything once on a simulated shop: plan, run, proof, second run, memory. Needs nothing but the installation.",
        ko="모의 가게에서 처음부터 끝까지 보여 줍니다: 미리보기, 실행, 확인, 두 번째 실행, 기록. 설치만 되어 있으면 됩니다.",
        example="runner demo",
    ),
}

OPTIONS: Mapping[str, Words] = {
    "account": Words(en="Only this account.", ko="이 계정만."),
    "accounts": Words(en="Accounts with a shop of their own; `--json` prints their keys.", ko="가게가 따로 있는 계정 수. `--json`이 키를 출력합니다."),
    "against": Words(en="Compare with this other version of a rule file, on the same reads; - is stdin.", ko="규칙 파일의 다른 버전과 같은 조회 결과로 비교합니다. -는 표준 입력."),
    "again": Words(en="Do it although the same call was done before.", ko="같은 작업을 이미 했어도 한 번 더 합니다."),
    "approve": Words(en="Approve this line of an `ask` rule; may be repeated.", ko="`ask` 규칙의 이 줄을 승인합니다(여러 번 가능)."),
    "arg": Words(en="One argument, as a rule has it; may be repeated, several of one name are a list.", ko="값 하나(규칙에 쓰는 것과 같음). 여러 번 쓸 수 있고, 같은 이름은 목록이 됩니다."),
    "buyers": Words(en="Orders an hour that simulated buyers place, and how many of them do what: `60,cancel=0.2,return=0.1,lost=0.01`. Nobody acts by himself without it.", ko="모의 구매자가 넣는 시간당 주문 수와 행동별 비율: `60,cancel=0.2,return=0.1,lost=0.01`. 없으면 아무도 움직이지 않습니다."),
    "by": Words(en="Who answers; default: the user of this machine.", ko="답하는 사람. 기본값: 이 컴퓨터의 사용자."),
    "check_schema": Words(en="Fail when the files of this folder are not current.", ko="이 폴더의 스키마가 최신이 아니면 실패합니다."),
    "config": Words(en="Settings file; default: RUNNER_CONFIG, else ./runner.yaml.", ko="설정 파일. 기본값: RUNNER_CONFIG, 없으면 ./runner.yaml."),
    "covered": Words(en="List the conditions and limits that no test covers.", ko="시험이 확인하지 않은 조건과 한도를 보여 줍니다."),
    "days": Words(en="How many days back from the newest recording.", ko="가장 최근 기록부터 며칠 전까지."),
    "detailed_exitcode": Words(en="Exit with 2 when there are actions; with --diff-last or --against, when there are differences.", ko="할 일이 있으면 종료 코드 2. --diff-last나 --against와 함께 쓰면 다른 점이 있을 때."),
    "diff_last": Words(en="Show what is new, gone or changed since the last plan.", ko="지난 계획과 비교해 새로 생기거나 빠지거나 바뀐 줄을 보여 줍니다."),
    "dry_run": Words(en="Show what would be sent, and send nothing.", ko="보낼 내용만 보여 주고 보내지 않습니다."),
    "due": Words(en="Only rules whose time has come.", ko="실행할 때가 된 규칙만."),
    "example": Words(en="Set up the demo shop instead; it talks to the simulator.", ko="시뮬레이터에 연결된 연습용 가게를 만듭니다."),
    "help": Words(en="Show this text.", ko="이 도움말을 보여 줍니다."),
    "init_demo": Words(en="Talk to the simulator on this machine instead of Coupang.", ko="쿠팡 대신 이 컴퓨터의 시뮬레이터에 연결합니다."),
    "init_from": Words(en="Copy this ready-made rule, and ask for its inputs on a terminal.", ko="이 규칙을 복사합니다. 터미널에서는 입력값을 물어봅니다."),
    "init_input": Words(en="Fill in an input of that rule; may be repeated.", ko="그 규칙의 입력값을 채웁니다(여러 번 가능)."),
    "json": Words(en="Same as -o json.", ko="-o json과 같습니다."),
    "junit_file": Words(en="Write a JUnit report into this file as well.", ko="JUnit 보고서를 이 파일에도 씁니다."),
    "lang": Words(en="Language.", ko="언어."),
    "limit": Words(en="At most so many.", ko="최대 개수."),
    "load": Words(en="Go on with the marketplace in this file.", ko="이 파일에 저장된 마켓을 이어서 씁니다."),
    "look_back": Words(en="How far back a source is read, for instance 1d; default: 7d.", ko="얼마나 이전까지 조회할지(예: 1d). 기본값: 7d."),
    "mutated": Words(en="Change every condition and limit a little, one at a time, and list the changes no test notices.", ko="조건과 한도를 하나씩 조금 바꿔 보고, 시험이 알아채지 못하는 곳을 보여 줍니다."),
    "named": Words(en="Only tests whose name, or whose rule's name, contains this.", ko="이름이나 규칙 이름에 이 글자가 들어 있는 시험만."),
    "on": Words(en="Key of the record to act on; what is not given is taken from it.", ko="대상의 키. 주지 않은 값은 대상에서 가져옵니다."),
    "out": Words(en="Save the plan to this file, for `runner apply`.", ko="계획을 파일로 저장합니다. `runner apply`로 실행합니다."),
    "output": Words(en="table, text, json, jsonl, csv or markdown; check: github, sarif; test: junit.", ko="table, text, json, jsonl, csv, markdown. check는 github, sarif, test는 junit도."),
    "past_run": Words(en="As this run of the past saw it, with the rule as it was then; `history --runs` has the numbers.", ko="지난 실행에서 어떻게 판단했는지, 그때의 규칙과 함께 보여 줍니다. 번호는 `history --runs`."),
    "port": Words(en="Port on 127.0.0.1; 0 picks a free one.", ko="127.0.0.1의 포트. 0이면 빈 포트를 고릅니다."),
    "quiet": Words(en="No progress.", ko="진행 상황을 보이지 않습니다."),
    "rate": Words(en="Calls a second a vendor may make before it is locked out.", ko="판매자당 초당 호출 한도. 넘으면 차단됩니다."),
    "record": Words(en="Only this record.", ko="이 건만."),
    "retry": Words(en="Try a refused line again; give its id.", ko="거절된 줄을 다시 시도합니다. 줄 id를 적으세요."),
    "rule": Words(en="Only this rule.", ko="이 규칙만."),
    "rule_file": Words(en="An edited version of the rule's file, compared with the rule in force; - is stdin.", ko="고친 규칙 파일. 지금 규칙과 비교합니다. -는 표준 입력."),
    "runs": Words(en="List runs instead of actions.", ko="처리 기록 대신 실행 목록을 보여 줍니다."),
    "save": Words(en="Write the document of the answer (a label), or the simulated marketplace at its end, into this file.", ko="받은 문서(라벨), 또는 끝날 때의 모의 마켓을 이 파일로 저장합니다."),
    "seed": Words(en="Seed of everything random.", ko="무작위 값의 씨앗."),
    "serve": Words(en="Stay up afterwards: edit a rule file and watch the daemon take it.", ko="끝난 뒤에도 켜 둡니다. 규칙 파일을 고치면 데몬이 반영합니다."),
    "skipped": Words(en="List also what a condition said no to, and which one.", ko="조건에 맞지 않은 대상과, 어느 조건 때문인지도 보여 줍니다."),
    "status": Words(en="Only actions in this state.", ko="이 상태만."),
    "stdin": Words(
        en="Check the text that comes in, as the file PATH: for editors, before it is saved.",
        ko="입력으로 받은 글을 PATH 파일로 보고 검사합니다. 저장하기 전의 편집기용입니다.",
    ),
    "strict": Words(en="Exit with 3 when there are warnings.", ko="경고가 있으면 종료 코드 3."),
    "strict_tests": Words(en="Exit with 1 also when a rule has no test, or --coverage or --mutate list anything.", ko="시험 없는 규칙이 있거나 --coverage, --mutate에 나온 것이 있어도 종료 코드 1."),
    "updated": Words(en="Rewrite the expectations of failed tests as the rules behave now; look at the difference before you keep it.", ko="실패한 시험의 기대값을 지금 규칙의 결과로 고쳐 씁니다. 달라진 곳을 꼭 확인하세요."),
    "verbose": Words(en="More of what happens.", ko="더 자세히."),
    "version": Words(en="Show the version.", ko="버전을 보여 줍니다."),
    "world": Words(en="Named starting state.", ko="시작 상태 이름."),
    "write_docs": Words(en="Write the pages of all operations and ready-made rules into this folder, beside rules, examples and tests.", ko="모든 작업의 표와 바로 쓰는 규칙 목록을 이 폴더에 씁니다. 규칙, 예시, 시험이 이 폴더 옆에 있어야 합니다."),
    "write_schema": Words(en="Write all schemas into this folder.", ko="모든 스키마를 이 폴더에 씁니다."),
    "yes": Words(en="Approve every line of `ask` rules; only on a terminal that showed them.", ko="`ask` 규칙의 줄을 모두 승인합니다. 줄을 보여 준 터미널에서만."),
    "yes_call": Words(en="Send it without asking; needed where there is no terminal.", ko="묻지 않고 보냅니다. 터미널이 아니면 필요합니다."),
}  # fmt: skip

HEADINGS: Mapping[str, Words] = {
    "Usage": Words(en="Usage: ", ko="사용법: "),
    "Options": Words(en="Options", ko="옵션"),
    "Commands": Words(en="Commands", ko="명령"),
    "Example": Words(en="Example", ko="예"),
}

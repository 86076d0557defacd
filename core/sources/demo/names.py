"""Made-up names: shops, managers, branches. No real brand, no real person; registration numbers that cannot exist."""

import numpy as np
import pandas as pd

FIRST = ["달빛", "햇살", "솔향", "은하수", "푸른숲", "새벽별", "도란", "한아름", "다온", "라온", "가온", "미르", "여울", "나래", "단비", "초롱", "바람개비", "모퉁이", "두레", "아람", "마루", "너울", "소담", "포근", "별하", "윤슬", "해온", "느루", "꽃담", "청솔", "은결", "늘품", "이음", "참살이", "복사꽃", "돌담길", "옹기", "보름달", "하늘채", "들꽃", "산들", "물레", "반딧불", "조약돌", "노을빛", "오솔길", "까치", "다람쥐", "고래", "사슴", "거북이", "두루미", "감나무", "살구", "대추", "모과", "앵두", "머루", "산딸기", "버들", "미루", "자작나무", "느티", "동백", "수국", "라일락", "민들레", "제비꽃"]
MANNER = ["맛있는", "정다운", "따뜻한", "넉넉한", "고소한", "든든한", "착한", "반가운", "싱그러운", "깔끔한", "즐거운", "행복한", "우리동네", "엄마손", "할매", "삼대", "원조", "오래된", "작은", "큰", "새로운", "열린", "바른", "맑은"]
WORDS = {
    "CS100001": ["식당", "국밥집", "밥상", "한정식", "백반", "칼국수", "감자탕", "순대국", "갈비", "보쌈"],
    "CS100002": ["반점", "짜장", "중화요리", "마라집"],
    "CS100003": ["초밥", "돈까스", "라멘", "이자카야", "우동집"],
    "CS100004": ["파스타", "스테이크", "비스트로", "키친"],
    "CS100005": ["베이커리", "빵집", "제과점", "빵공방"],
    "CS100006": ["버거", "샌드위치", "토스트", "핫도그"],
    "CS100007": ["치킨", "통닭", "닭강정"],
    "CS100008": ["분식", "김밥", "떡볶이", "만두"],
    "CS100009": ["호프", "포차", "맥주집", "주막"],
    "CS100010": ["커피", "카페", "다방", "로스터스", "찻집"],
    "CS200001": ["학원", "수학학원", "영어교습소", "보습학원"],
    "CS200003": ["미술학원", "음악학원", "피아노교습소", "무용학원"],
    "CS200005": ["태권도", "요가", "필라테스", "수영교실"],
    "CS200006": ["의원", "내과의원", "이비인후과의원", "소아과의원"],
    "CS200007": ["치과의원", "치과"],
    "CS200016": ["당구장", "당구클럽"],
    "CS200025": ["카센터", "자동차정비", "모터스"],
    "CS200028": ["미용실", "헤어", "헤어살롱", "이발관"],
    "CS200031": ["세탁소", "빨래방", "크리닝"],
    "CS200037": ["노래방", "노래연습장", "코인노래방"],
    "CS300001": ["슈퍼", "마트", "식자재마트", "할인마트"],
    "CS300002": ["편의점", "24시편의점"],
    "CS300007": ["정육점", "축산", "고깃간"],
    "CS300010": ["반찬", "반찬가게", "찬방"],
    "CS300011": ["패션", "옷가게", "의류", "부티크"],
    "CS300018": ["약국", "약방", "동네약국"],
    "CS300021": ["문구", "문구점", "팬시"],
    "CS300022": ["화장품", "코스메틱", "뷰티샵"],
}
FAMILY_NAMES = ["김", "이", "박", "최", "정", "강", "조", "윤", "장", "임", "한", "오", "서", "신", "권", "황", "안", "송", "류", "홍"]
GIVEN = ["가람", "나윤", "다현", "라희", "마루", "보람", "새롬", "아라", "자윤", "찬솔", "하람", "도담", "온유", "이든", "유림", "시내", "예솔", "로운", "한별", "슬아"]
BRANCHES = ["한빛", "너른들", "새나루", "푸른언덕", "은행나무", "달맞이", "햇마을", "돌다리", "솔숲", "별마루"]
# Weights of the last digit of a registration number (domain notes D.6).
CHECK_WEIGHTS = np.array([1, 3, 7, 1, 3, 7, 1, 3, 5])


def shop_names(industry_codes: np.ndarray, districts: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One made-up name a shop: place or manner, a word, the trade; some long ones with a branch behind."""
    n = len(industry_codes)
    first, manner = rng.choice(FIRST, n), rng.choice(MANNER, n)
    trade = _trade(industry_codes, rng)
    place = np.array([district[:-1] for district in districts])
    shape = rng.choice(7, n, p=[0.30, 0.18, 0.16, 0.14, 0.11, 0.08, 0.03])
    number = rng.integers(2, 9, n).astype(str)
    shapes = [
        _joined(first, trade),
        _joined(first, " ", trade),
        _joined(place, " ", first, trade),
        _joined(manner, " ", trade),
        _joined(manner, " ", first, trade),
        _joined(first, trade, " ", place, "점"),
        _joined(manner, " ", place, " ", first, " ", trade, " ", number, "호점 (본관 옆 별관 포함)"),
    ]
    return np.select([shape == k for k in range(7)], shapes)


def _joined(*parts: np.ndarray | str) -> np.ndarray:
    whole = np.asarray(parts[0], dtype=object)
    for part in parts[1:]:
        whole = whole + (part if isinstance(part, str) else part.astype(object))
    return whole


def _trade(industry_codes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    luck = rng.random(len(industry_codes))
    trade = np.empty(len(industry_codes), dtype=object)
    for code, words in WORDS.items():
        own = np.flatnonzero(industry_codes == code)
        trade[own] = np.array(words, dtype=object)[(luck[own] * len(words)).astype(int)]
    return trade


def managers(n: int, branches: int, rng: np.random.Generator) -> pd.DataFrame:
    """RM001 .. with a made-up name and a branch; managers of one branch stand together."""
    family, given = rng.choice(FAMILY_NAMES, n), rng.choice(GIVEN, n)
    of_branch = np.arange(n) * branches // n
    return pd.DataFrame(
        {
            "manager_id": [f"RM{i + 1:03d}" for i in range(n)],
            "name": [f"{a}{b}" for a, b in zip(family, given, strict=True)],
            "branch": [branch_name(b) for b in of_branch],
        }
    )


def branch_name(b: int) -> str:
    """Name of the b-th branch; after ten a number follows."""
    round_, place = divmod(b, len(BRANCHES))
    return f"데모 {BRANCHES[place]}{round_ + 1 if round_ else ''}지점"


def registration_numbers(n: int, rng: np.random.Generator) -> np.ndarray:
    """(n,) 123-45-67890 whose check digit is wrong on purpose: it can never be a real business."""
    digits = rng.integers(0, 10, (n, 9))
    digits[:, 0] = rng.integers(1, 10, n)
    right = (10 - (digits @ CHECK_WEIGHTS + 5 * digits[:, 8] // 10) % 10) % 10
    last = (right + rng.integers(1, 10, n)) % 10
    text = digits.astype("U1")
    whole = np.concatenate([text, last.astype("U1")[:, None]], axis=1)
    return np.array([f"{r[:3]}-{r[3:5]}-{r[5:]}" for r in ("".join(row) for row in whole)])
